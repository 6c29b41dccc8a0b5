@2026
Feature: Live sync is cut off at any of its points

  Whatever breaks off, both sides end as the rules say, and what differs is told.

  Background:
    Given both environments are linked for "USMF"
    And the table map "Customer groups" runs

  Scenario Outline: nothing is kept of a save cut off at <point>
    When these CustomerGroups rows of USMF are saved in F&O, cut off at "<point>":
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
      | 20              | Retail      |
    Then it is refused with "<code>"
    And CustomerGroups has 0 rows
    And msdyn_customergroup has 0 rows

    Examples:
      | point                 | code                    |
      | target-unavailable    | LIVE-DETAIL-GENERIC     |
      | throttled             | SIM-THROTTLED           |
      | lookup-resolution     | LIVE-DETAIL-GENERIC     |
      | between-rows          | LIVE-DETAIL-GENERIC     |
      | before-commit         | SIM-SERVICE-UNAVAILABLE |
      | timeout-not-committed | SIM-OUTCOME-UNKNOWN     |

  Scenario Outline: when Dataverse has committed alone at <point>, saving again heals
    When these CustomerGroups rows of USMF are saved in F&O, cut off at "<point>":
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then it is refused with "<code>"
    And CustomerGroups has 0 rows
    And msdyn_customergroup has 1 row
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then CustomerGroups has 1 row
    And msdyn_customergroup has 1 row

    Examples:
      | point             | code                    |
      | commit-gap        | SIM-SERVICE-UNAVAILABLE |
      | timeout-committed | SIM-OUTCOME-UNKNOWN     |

  Scenario: a change whose queue cannot be reached is not saved
    When the table map "Customer groups" is paused
    When these CustomerGroups rows of USMF are saved in F&O, cut off at "queue-append":
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then it is refused with "SIM-SERVICE-UNAVAILABLE"
    And CustomerGroups has 0 rows
    And 0 changes of "Customer groups" wait

  Scenario: a queued change that is delivered twice has one effect
    When the table map "Customer groups" is paused
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    When the table map "Customer groups" is resumed, cut off at "queue-applied"
    Then it is refused with "SIM-INTERRUPTED"
    And the table map "Customer groups" is Resuming
    And 1 change of "Customer groups" waits
    And msdyn_customergroup has 1 row
    When the table map "Customer groups" ends resuming
    Then the table map "Customer groups" is Running
    And msdyn_customergroup has 1 row
