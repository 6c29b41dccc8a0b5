@2026
Feature: Rows that both sides have
  Rows are matched by their integration key and nothing else. Where both sides have a row and disagree, the master for
  initial sync decides; it never decides in which direction rows flow.

  Background:
    Given both environments are linked for "USMF"

  @B79 @decision-14
  Scenario Outline: the master decides where the sides disagree (master <master>)
    Given F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | From F&O    |
    And Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 10            | From Dataverse    |
    When the table map "Customer groups" is run with initial sync and master <master>
    Then CustomerGroups "10" of USMF has:
      | Description |
      | <value>     |
    And msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | <value>           |
    And initial sync moved:
      | into      | exported | inserted | updated             | unchanged             | failed |
      | F&O       | 1        | 0        | <updated in F&O>    | <unchanged in F&O>    | 0      |
      | Dataverse | 1        | 0        | <updated elsewhere> | <unchanged elsewhere> | 0      |

    Examples:
      | master    | value          | updated in F&O | unchanged in F&O | updated elsewhere | unchanged elsewhere |
      | Dataverse | From Dataverse | 1              | 0                | 0                 | 1                   |
      | F&O       | From F&O       | 0              | 1                | 1                 | 0                   |

  @B79
  Scenario: Dataverse is master unless somebody chooses otherwise
    Given F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | From F&O    |
    And Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 10            | From Dataverse    |
    When the table map "Customer groups" is run with initial sync
    Then CustomerGroups "10" of USMF has:
      | Description    |
      | From Dataverse |

  @decision-32
  Scenario: initial sync deletes nothing
    Given F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    When the table map "Customer groups" is run with initial sync
    And the table map "Customer groups" is stopped
    And CustomerGroups "10" of USMF is deleted in F&O
    And the table map "Customer groups" is run with initial sync
    Then there is msdyn_customergroup "10" of USMF
    And there is CustomerGroups "10" of USMF

  Scenario: a second initial sync without changes inserts and updates nothing
    Given F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 20            | Retail            |
    When the table map "Customer groups" is run with initial sync
    And the table map "Customer groups" is stopped
    And the content of both sides is remembered
    And the table map "Customer groups" is run with initial sync
    Then initial sync moved:
      | into      | inserted | updated | failed |
      | F&O       | 0        | 0       | 0      |
      | Dataverse | 0        | 0       | 0      |
    And both sides are as they were remembered

  @B88 @B84 @limit-L6 @decision-15
  Scenario: rows a source filter leaves out are not copied, and are no errors
    Given Dataverse has these account rows of USMF:
      | accountnumber | name     | customertypecode |
      | CE-1          | Customer | 3                |
      | CE-2          | Prospect | 8                |
    When the table map "Customers V3 (accounts)" is run with initial sync
    Then the leg into F&O failed with "I4"
    When the columns "SalesTaxGroup" are taken out of the table map "Customers V3 (accounts)"
    And the table map "Customers V3 (accounts)" is run with initial sync
    Then initial sync moved:
      | into | exported |
      | F&O  | 1        |
    And there is no CustomersV3 "CE-2" of USMF

  @B80
  Scenario: a one-way map has one leg
    Given F&O has these UnitsOfMeasure rows:
      | UnitSymbol | UnitClass |
      | pcs        | Quantity  |
    When the table map "units-uoms" is run with initial sync
    Then the only leg goes into Dataverse

  @B92 @limit-L9-to-dataverse @decision-16
  Scenario: a hundred rows a minute, one legal entity after the other
    Given both environments are linked for "DEMF, GBSI and USMF"
    And F&O has 1000 CustomerGroups rows of DEMF numbered from "G0001" with:
      | Description |
      | Any         |
    And F&O has 1000 CustomerGroups rows of GBSI numbered from "G0001" with:
      | Description |
      | Any         |
    And F&O has 1000 CustomerGroups rows of USMF numbered from "G0001" with:
      | Description |
      | Any         |
    When the table map "Customer groups" is run with initial sync
    Then 3 initial syncs have run
    And it took 30 minutes

  @B94 @decision-22 @decision-42
  Scenario: a row that cannot be resolved fails alone
    Given Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 20            | Retail            |
    And F&O has these CustomersV3 rows of USMF:
      | CustomerAccount | OrganizationName | PartyType    | CustomerGroupId | SalesCurrencyCode |
      | US-001          | Contoso          | Organization | 10              | USD               |
      | US-002          | Fabrikam         | Organization | 20              | USD               |
    When the table maps "cds-parties-msdyn-parties" are run with initial sync
    And the table map "Customers V3 (accounts)" is run with initial sync
    Then row "US-001" failed with "I3" and the words:
      """
      Couldn't resolve the guid for the field: msdyn_customergroupid.msdyn_groupid. The lookup value was not found: 10. Try this URL(s) to check if the reference data exists: https://contoso-sales.crm.dynamics.com/api/data/v9.0/msdyn_customergroups?$select=msdyn_groupid&$filter=msdyn_groupid eq '10'
      """
    And row "US-001" failed with "I3-PAGE"
    And row "US-002" did not fail
    And there is account "US-002" of USMF
    And the table map "Customers V3 (accounts)" is Not running
