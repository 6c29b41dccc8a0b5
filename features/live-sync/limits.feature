@2026
Feature: Limits of live sync
  A transaction over both sides has limits of rows, bytes and time. Both sides of each are shown.

  Background:
    Given both environments are linked for "USMF"

  @L27 @limit-LIVE-ROWS @decision-Q3
  Scenario Outline: a thousand rows of a transaction pass, one more does not (<rows>)
    Given the table map "Customer groups" runs
    When one transaction in F&O saves <rows> CustomerGroups rows of USMF numbered from "G0001"
    Then <outcome>
    And msdyn_customergroup has <arrived> rows

    Examples:
      | rows | outcome                      | arrived |
      | 1000 | it is done                   | 1000    |
      | 1001 | it is refused with "SIM-LIVE-ROW-LIMIT" | 0       |

  @L28 @limit-LIVE-TIME @decision-Q22
  Scenario Outline: two minutes for Dataverse (<time>)
    Given the table map "Customer groups" runs
    And a transaction takes <time> in Dataverse
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then <outcome>
    And CustomerGroups has <rows> rows
    And msdyn_customergroup has <rows> rows

    Examples:
      | time                | outcome                              | rows |
      | 119 seconds         | it took 119 seconds                  | 1    |
      | 2 minutes           | it took 2 minutes                    | 1    |
      | 121 seconds         | it is refused with "SIM-LIVE-TIMEOUT" | 0    |

  @L46 @limit-LIVE-TIME-EXTENDED
  Scenario: five minutes for F&O, where they were asked for
    Given the table map "Customer groups" runs
    And a transaction takes 200 seconds in F&O
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    Then it is refused with "SIM-LIVE-TIMEOUT"
    And msdyn_customergroup has 0 rows
    Given F&O may take five minutes for a transaction
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    Then the save reached the other side
    Given a transaction takes 301 seconds in F&O
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 20            | Retail            |
    Then it is refused with "SIM-LIVE-TIMEOUT"

  @L45 @limit-LIVE-PAYLOAD @decision-Q33
  Scenario Outline: what one payload may weigh (<bytes> bytes)
    Given the table map "Customer groups" runs
    And a payload from Dataverse has <bytes> bytes
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    Then <outcome>
    And msdyn_customergroup has <rows> rows
    And CustomerGroups has <rows> rows

    Examples:
      | bytes     | outcome                       | rows |
      | 116850000 | it is done                    | 1    |
      | 116860000 | it is refused with "LIVE-E15" | 0    |

  @L77 @limit-L10-size
  Scenario Outline: what may wait for a paused map (<bytes> bytes)
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is paused
    Given <bytes> bytes wait for a paused map
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then <outcome>

    Examples:
      | bytes      | outcome                              |
      | 999999999  | the save waits in the queue          |
      | 1000000000 | it is refused with "SIM-PAUSE-LIMIT" |

  @L41
  Scenario: F&O does not answer
    Given the table map "Customer groups" runs
    And F&O does not answer
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    Then it is refused with "LIVE-E6"
    And the refusal names "failed to process entity msdyn_customergroup"
    And msdyn_customergroup has 0 rows

  @decision-Q23
  Scenario: nothing is tried again by itself, also when F&O is back
    Given the table map "Customer groups" runs
    And F&O does not answer
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    Then it is refused with "LIVE-E6"
    When F&O answers again
    And 1 hour passes
    Then CustomerGroups has 0 rows
    And msdyn_customergroup has 0 rows
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    Then CustomerGroups has 1 row
