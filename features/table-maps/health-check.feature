@2026
Feature: The health check of one table map
  The page of a map tells how it is configured and what may go wrong with live sync. It refuses nothing.

  Background:
    Given both environments are linked for "USMF"

  Scenario: an old platform answers nothing else
    When the table map "Customer groups" is run without initial sync
    Given F&O is at platform update 42
    Then the health check of the table map "Customer groups" finds "HEALTH-100" alone

  @decision-Q27 @decision-Q34
  Scenario: a stopped map listens to nothing, a running one tells its query
    When the tables are refreshed
    Then the health check of the table map "Customer groups" finds "HEALTH-400"
    And the health check of the table map "Customer groups" finds "HEALTH-400" as warning
    And the health check of the table map "Customer groups" finds "HEALTH-500"
    When the table map "Customer groups" is run without initial sync
    Then the health check of the table map "Customer groups" does not find "HEALTH-400"
    And the health check of the table map "Customer groups" does not find "HEALTH-500"
    And the health check of the table map "Customer groups" finds "HEALTH-1000"
    And the health check of the table map "Customer groups" finds "HEALTH-1000" as info

  Scenario: a filter that F&O reads no longer
    When the table map "Customer groups" is changed and saved:
      | change        | value                |
      | filter of F&O | (Description != "") |
    Then the health check of the table map "Customer groups" does not find "HEALTH-900"
    Given F&O has lost the column "Description" of CustomerGroups
    When the entity list of F&O is refreshed
    And the tables are refreshed
    Then the health check of the table map "Customer groups" finds "HEALTH-900" as error
    And the health check of the table map "Customer groups" finds "HEALTH-900" and says:
      """
      Invalid source filter (Description != "") format for entity Customer groups.
      """

  Scenario Outline: what an entity is made of (<code>)
    Given <made>
    When the table map "Customer groups" is run without initial sync
    Then the health check of the table map "Customer groups" finds "<code>"

    Examples:
      | code        | made                                                                         |
      | HEALTH-1300 | the fields "Description" of CustomerGroups are computed                      |
      | HEALTH-1600 | the data source "CustGroup" of CustomerGroups has a range                    |
      | HEALTH-1800 | the data source "CustGroup" of CustomerGroups has a range                    |
      | HEALTH-1900 | changes of the data sources "PaymTerm, TaxGroup" of CustomerGroups raise no event |
      | HEALTH-5000 | the synchronous plug-in "Contoso.Plugins" is registered on msdyn_customergroup |

  Scenario: a map with nothing of that is told nothing of that
    When the table map "Customer groups" is run without initial sync
    Then the health check of the table map "Customer groups" does not find "HEALTH-1300"
    And the health check of the table map "Customer groups" does not find "HEALTH-1500"
    And the health check of the table map "Customer groups" does not find "HEALTH-1600"
    And the health check of the table map "Customer groups" does not find "HEALTH-1700"
    And the health check of the table map "Customer groups" does not find "HEALTH-1800"
    And the health check of the table map "Customer groups" does not find "HEALTH-1900"
    And the health check of the table map "Customer groups" does not find "HEALTH-5000"
    And the health check of the table map "Customer groups" does not find "HEALTH-5100"

  Scenario: a map that sends nothing but lookups is not tracked
    Given msdyn_customergroup has the alternate key "msdyn_company, msdyn_paymenttermid" alone
    When the tables are refreshed
    And the integration key of msdyn_customergroup is set to "msdyn_paymenttermid.msdyn_name, msdyn_company.cdm_companycode"
    And the table map "Customer groups" is changed and saved:
      | change    | F&O                           | direction |
      | remove    | CustomerGroupId               |           |
      | remove    | Description                   |           |
      | remove    | IsSalesTaxIncludedInPrice     |           |
      | direction | PaymentTermId                 | >         |
      | direction | ClearingPeriodPaymentTermName | >         |
    Then the health check of the table map "Customer groups" finds "HEALTH-1500"

  Scenario: one table tracked for two entities
    When the table map "CDS Parties" is run without initial sync
    Then the health check of the table map "CDS Parties" does not find "HEALTH-1700"
    When the table map "Legal entities (cdm_companies)" is run without initial sync
    Then the health check of the table map "CDS Parties" finds "HEALTH-1700"

  Scenario: an integration key that is no alternate key and may be blank
    When the integration key of msdyn_customergroup is set to "msdyn_description, msdyn_company.cdm_companycode"
    Then the health check of the table map "Customer groups" finds "HEALTH-2000"
    And the health check of the table map "Customer groups" finds "HEALTH-5100"
    And the health check of the table map "Customer groups" finds "HEALTH-5200"
