@2026
Feature: Solutions and what hangs on them

  Background:
    Given both environments are linked for "USMF"

  @decision-40
  Scenario: applying the solutions again changes nothing
    When the solutions are applied
    Then every table map is Not running
    When the table map "Customer groups" is run without initial sync
    And the solutions are applied
    Then the table map "Customer groups" is Running

  @B55
  Scenario: an old solution keeps a map from running
    Given the solution "Dynamics365FinanceExtended" has version "2.0.2.10"
    When the table map "Customer groups" is run with initial sync
    Then it is refused with "M2" and the words:
      """
      Customer groups (msdyn_customergroups) : Dual write failure - Dynamics 365 for Sales solution 'Dynamics365FinanceExtended' has version mismatch. Version: '2.0.2.10' Required version: '2.0.227'
      """
    And the table map "Customer groups" is Not running

  @B58
  Scenario: uninstalling a solution takes its tables' rows along
    Given Dataverse has these msdyn_customerassetcategory rows of USMF:
      | msdyn_name |
      | Pump       |
    When the package "finance" is uninstalled
    Then it is refused with "SIM-PACKAGE-IN-USE"
    When the package "project-operations" is uninstalled
    And the package "asset-management" is uninstalled
    Then msdyn_customerassetcategory has 0 rows

  Scenario: a map another package replaces cannot run beside it
    When the table map "cds-contacts-v2-contacts" is run without initial sync
    Then it is refused with "SIM-MAP-REPLACED"
