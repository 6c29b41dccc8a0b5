@2026
Feature: What an initial sync moves, and what it reports
  One execution runs for each linked legal entity. Every row it reads is inserted, updated, unchanged or reported as
  failed; nothing is left out of the counts.

  @B77
  Scenario: each legal entity has an execution of its own
    Given both environments are linked for "DEMF, GBSI and USMF"
    And F&O has these CustomerGroups rows of DEMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
      | 20              | Retail      |
    When the table map "Customer groups" is run with initial sync
    Then 3 initial syncs have run
    And initial sync moved:
      | legal entity | into      | exported | inserted | failed |
      | DEMF         | Dataverse | 1        | 1        | 0      |
      | GBSI         | Dataverse | 0        | 0        | 0      |
      | USMF         | Dataverse | 2        | 2        | 0      |
    And the table map "Customer groups" is Running

  @B78 @decision-14
  Scenario Outline: rows that only one side has cross, whoever is master (master <master>)
    Given both environments are linked for "USMF"
    And F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 20            | Retail            |
    When the table map "Customer groups" is run with initial sync and master <master>
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | Wholesale         |
    And CustomerGroups "20" of USMF has:
      | Description |
      | Retail      |

    Examples:
      | master    |
      | F&O       |
      | Dataverse |

  @B106 @B94
  Scenario: a customer whose group is missing fails alone
    Given both environments are linked for "USMF"
    And F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And F&O has these CustomersV3 rows of USMF:
      | CustomerAccount | OrganizationName | PartyType    | CustomerGroupId | SalesCurrencyCode |
      | US-001          | Contoso          | Organization | 10              | USD               |
    When the table map "Customers V3 (accounts)" is run with initial sync
    Then row "US-001" failed with "I3"
    And the table map "Customers V3 (accounts)" is Not running
