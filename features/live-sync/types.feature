@2026
Feature: Types of columns on both sides
  The same conversions serve initial sync and live sync. Texts, numbers, dates and flags travel as they are where both sides
  can hold them; a number loses the decimal places the other side has not, and that is noted. What does not fit is refused.

  Background:
    Given both environments are linked for "USMF"

  @decision-Q7
  Scenario Outline: <F&O> and <Dataverse>: <value> goes there, <other> comes back
    Given F&O has got a <F&O> column "NewValue" in CustomerGroups
    And Dataverse has got a <Dataverse> column "new_value" in msdyn_customergroup
    When the entity list of F&O is refreshed
    And the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O      | direction | Dataverse |
      | add    | NewValue | =         | new_value |
    Given F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | NewValue |
      | 05              | <value>  |
    When the table map "Customer groups" is run with initial sync
    Then msdyn_customergroup "05" of USMF has:
      | new_value |
      | <arrives> |
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | NewValue |
      | 10              | <value>  |
    Then msdyn_customergroup "10" of USMF has:
      | new_value |
      | <arrives> |
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | new_value |
      | 20            | <other>   |
    Then CustomerGroups "20" of USMF has:
      | NewValue  |
      | <returns> |

    Examples:
      | F&O           | Dataverse     | value                | arrives              | other                | returns              |
      | text          | text          | Wholesale            | Wholesale            | Retail               | Retail               |
      | text          | text          |                      | (empty)              | (empty)              |                      |
      | number        | number        | 7                    | 7                    | 8                    | 8                    |
      | big-number    | number        | 7                    | 7                    | 8                    | 8                    |
      | decimal       | decimal       | 1.25                 | 1.25                 | 2.5                  | 2.5                  |
      | decimal       | currency      | 1.2345               | 1.2345               | 2.5                  | 2.5                  |
      | yes-no        | yes-no        | true                 | true                 | false                | false                |
      | date          | date          | 2026-02-28           | 2026-02-28           | 2024-02-29           | 2024-02-29           |
      | date          | date          | 1900-01-01           | (empty)              | (empty)              | 1900-01-01           |
      | date-and-time | date-and-time | 2026-02-28T23:59:59Z | 2026-02-28T23:59:59Z | 2026-03-01T00:00:00Z | 2026-03-01T00:00:00Z |

  @decision-Q29 @limit-CURRENCY-DECIMALS
  Scenario Outline: four decimal places of a currency column (<value>)
    Given F&O has got a decimal column "NewValue" in CustomerGroups
    And Dataverse has got a currency column "new_value" in msdyn_customergroup
    When the entity list of F&O is refreshed
    And the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O      | direction | Dataverse |
      | add    | NewValue | =         | new_value |
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | NewValue |
      | 10              | <value>  |
    Then msdyn_customergroup "10" of USMF has:
      | new_value |
      | <arrives> |
    And the journal notes "SIM-PRECISION-LOST"

    Examples:
      | value    | arrives |
      | 1.23455  | 1.2346  |
      | -1.23455 | -1.2346 |
      | 1.23454  | 1.2345  |

  Scenario: a number Dataverse cannot hold is refused, when it is saved and not when the map is
    Given F&O has got a big-number column "NewValue" in CustomerGroups
    And Dataverse has got a number column "new_value" in msdyn_customergroup
    When the entity list of F&O is refreshed
    And the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O      | direction | Dataverse |
      | add    | NewValue | =         | new_value |
    Then it is done
    When the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | NewValue   |
      | 10              | 2147483648 |
    Then it is refused with "SIM-NUMBER-OUT-OF-RANGE"
    And CustomerGroups has 0 rows

  @decision-Q8
  Scenario: a text that is too long for the other side
    Given F&O has got a text column "NewLong" in CustomerGroups
    And Dataverse has got a short-text column "new_long" in msdyn_customergroup
    And F&O has got a short-text column "NewShort" in CustomerGroups
    And Dataverse has got a text column "new_short" in msdyn_customergroup
    When the entity list of F&O is refreshed
    And the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O      | direction | Dataverse |
      | add    | NewLong  | =         | new_long  |
      | add    | NewShort | =         | new_short |
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | NewLong    |
      | 10              | 1234567890 |
    Then the save reached the other side
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | NewLong     |
      | 20              | 12345678901 |
    Then it is refused with "SIM-TEXT-TOO-LONG"
    And CustomerGroups has 1 row
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | new_short   |
      | 30            | 12345678901 |
    Then it is refused with "SIM-TEXT-TOO-LONG"
    And msdyn_customergroup has 1 row
    Given F&O cuts texts of Dataverse that are too long
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | new_short   |
      | 30            | 12345678901 |
    Then CustomerGroups "30" of USMF has:
      | NewShort   |
      | 1234567890 |

  @decision-Q30
  Scenario: a default fills what is empty, and a constant is written each time
    Given Dataverse has got a text column "new_origin" in msdyn_customergroup
    When the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change    | F&O         | direction | Dataverse         | value |
      | direction | Description | >         |                   |       |
      | default   |             |           | msdyn_description | None  |
      | add       |             | >         | new_origin        | F&O   |
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              |             |
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_description | new_origin |
      | None              | F&O        |
    When msdyn_customergroup "10" of USMF is changed in Dataverse:
      | new_origin |
      | Other      |
    And CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | Wholesale   |
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_description | new_origin |
      | Wholesale         | F&O        |
    When CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | (empty)     |
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | None              |

  @limit-CURRENCY-DECIMALS @limit-CURRENCY-DECIMALS-MAX
  Scenario: currency columns hold four decimal places, and ten once they are migrated
    When these account rows are saved in Dataverse:
      | name | accountnumber | creditlimit    |
      | One  | A1            | 1.12345678914  |
    Then account "A1" has:
      | creditlimit |
      | 1.1235      |
    When the currency columns of Dataverse are migrated
    And these account rows are saved in Dataverse:
      | name | accountnumber | creditlimit   |
      | Two  | A2            | 1.12345678914 |
      | Last | A3            | 1.12345678915 |
    Then account "A2" has:
      | creditlimit  |
      | 1.1234567891 |
    And account "A3" has:
      | creditlimit  |
      | 1.1234567892 |

  @limit-EXCHANGE-RATE-DECIMALS
  Scenario Outline: exchange rates hold twelve decimal places once they are migrated (<rate>)
    When the currency columns of Dataverse are migrated
    And these msdyn_currencyexchangerate rows are saved in Dataverse:
      | msdyn_validfrom      | msdyn_exchangerate |
      | 2026-01-05T00:00:00Z | <rate>             |
    Then the only msdyn_currencyexchangerate has the msdyn_exchangerate "<kept>"

    Examples:
      | rate            | kept           |
      | 1.123456789012  | 1.123456789012 |
      | 1.1234567890125 | 1.123456789013 |
