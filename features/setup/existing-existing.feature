# Tells section existing-existing of the guidance for dual-write set-up in our words. The pages of October 2020
# start from the F&O environment, those of 2026 from Lifecycle Services.
Feature: Existing F&O, existing Dataverse
  Both have been in use: equal numbers for different customers, different values for the same customer, rows only one
  side knows. Dataverse rows get their company first; then initial sync brings both together, and the master chosen
  for it decides where both know a row and disagree.

  Scenario Outline: two lived-in environments are brought together (profile <profile>)
    Given the scenario "existing-existing"
    And its F&O is existing
    And its F&O holds data before the set-up
    And its Dataverse is existing
    And its Dataverse holds data before the set-up
    When it is carried out
    Then <who> made the link
    And the link holds every legal entity of F&O
    And the link holds the legal entities "DAT, DEMF and USMF"
    And Dataverse has a company row with its business unit and team for each of them
    And every table map that may run is running
    And initial sync ran without an error
    And every exported row was inserted, updated, unchanged or reported as failed
    And account "US-001" of USMF has:
      | creditlimit |
      | 50000       |
    And CustomersV3 "US-001" of USMF has:
      | CreditLimit |
      | 50000       |
    And initial sync of "Customers V3 (accounts)" brought rows to F&O
    And initial sync of "Customers V3 (accounts)" brought rows to Dataverse
    And rows of account without a company stayed in Dataverse alone
    And company USMF has as many rows of CustomerGroups as of msdyn_customergroup
    And company DEMF has as many rows of CustomerGroups as of msdyn_customergroup
    And a row saved in F&O arrived on the other side
    And a row saved in Dataverse arrived on the other side
    And a save was refused because "Unable to lookup msdyn_customergroups with values {NOPE,"
    And the refused save left both sides as they were
    And the end state is what the scenario expects
    And the end state is as recorded

    @2020-10
    Examples:
      | profile | who               |
      | 2020-10 | the wizard in F&O |

    @2026
    Examples:
      | profile | who                |
      | 2026    | Lifecycle Services |
