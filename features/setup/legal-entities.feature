@2026
Feature: Legal entities of the link
  Every table map applies to all linked legal entities. One that is added to running maps gets its initial write, up to
  the number initial sync works with.

  @B43 @limit-L4
  Scenario: the fortieth legal entity gets its initial write, and nobody else does
    Given both environments are linked for 39 legal entities
    And the table maps "Customer groups" run
    When the legal entity NEW "Newcomer" is created in F&O
    And the legal entity NEW is added to the link
    Then the link holds 40 legal entities
    And 1 initial sync has run
    And initial sync moved:
      | map             | legal entity | into      | exported |
      | Customer groups | NEW          | Dataverse | 0        |
    And the table map "Customer groups" is Running

  @B44 @limit-L4
  Scenario: the forty-first is added without an initial write
    Given both environments are linked for 40 legal entities
    And the table maps "Customer groups" run
    When the legal entity NEW "Newcomer" is created in F&O
    And the legal entity NEW is added to the link
    Then the link holds 41 legal entities
    And 0 initial syncs have run
    And the table map "Customer groups" is Running

  Scenario: initial writes can be skipped
    Given both environments are linked for "USMF"
    And the table maps "Customer groups" run
    When the legal entity NEW "Newcomer" is created in F&O
    And the legal entity NEW is added to the link without initial writes
    Then the link holds the legal entities "NEW and USMF"
    And 0 initial syncs have run

  @B46 @decision-11
  Scenario: while a map is paused a legal entity can join and none can leave
    Given both environments are linked for "DEMF and USMF"
    And the table maps "Customer groups" run
    When the table maps "Customer groups" are paused
    And the legal entity DEMF is removed from the link
    Then it is refused with "SIM-LEGAL-ENTITIES-LOCKED"
    And the link holds the legal entities "DEMF and USMF"
    When the legal entity NEW "Newcomer" is created in F&O
    And the legal entity NEW is added to the link
    Then 1 initial sync has run
    And the table map "Customer groups" is Paused

  @B47 @decision-20 @limit-L4
  Scenario: with forty-one legal entities maps no longer start with initial sync
    Given both environments are linked for 41 legal entities
    When the table map "Customer groups" is run with initial sync
    Then it is refused with "E1"
    And the refusal names "Exceeds the maximum partitions allowed for mapping DWM-"
    And the table map "Customer groups" is Not running
    When the table map "Customer groups" is run without initial sync
    Then the table map "Customer groups" is Running

  @limit-L4
  Scenario: with forty they do
    Given both environments are linked for 40 legal entities
    When the table map "Customer groups" is run with initial sync
    Then 40 initial syncs have run
    And the table map "Customer groups" is Running

  @limit-L5 @decision-20
  Scenario Outline: live sync works with two hundred and fifty (<number>)
    Given both environments are linked for <number> legal entities
    When the table map "Customer groups" is run without initial sync
    Then <outcome>
    And the table map "Customer groups" is <status>

    Examples:
      | number | outcome                 | status      |
      | 250    | it is done              | Running     |
      | 251    | it is refused with "E1" | Not running |

  @decision-29
  Scenario: rows of a legal entity that left stay on both sides and no longer sync
    Given both environments are linked for "DEMF and USMF"
    And F&O has these CustomerGroups rows of DEMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    When the table map "Customer groups" is run with initial sync
    And the legal entity DEMF is removed from the link
    And these CustomerGroups rows of DEMF are saved in F&O:
      | CustomerGroupId | Description |
      | 20              | Retail      |
    Then the save stayed where it was made
    And there is msdyn_customergroup "10" of DEMF
    And there is no msdyn_customergroup "20" of DEMF
    And there is CustomerGroups "10" of DEMF

  @B50
  Scenario: the company of a saved row is read-only
    Given both environments are linked for "DEMF and USMF"
    And Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    When msdyn_customergroup "10" of USMF is changed in Dataverse:
      | msdyn_company |
      | DEMF          |
    Then it is refused with "SIM-COMPANY-READ-ONLY"
    And there is msdyn_customergroup "10" of USMF

  @B3 @B8 @decision-7
  Scenario: rows without a company stay where they are, and are no errors
    Given both environments are linked for "USMF"
    And Dataverse has these msdyn_customergroup rows:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    When the table map "Customer groups" is run with initial sync
    Then initial sync moved:
      | legal entity | into | exported | failed |
      | USMF         | F&O  | 0        | 0      |
    And CustomerGroups has 0 rows
    And msdyn_customergroup has 1 row without a company
    And the table map "Customer groups" is Running
