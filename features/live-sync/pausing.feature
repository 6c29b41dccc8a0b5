Feature: Pausing, catching up and alerts
  A paused map keeps every change in order. Queues have limits of age and size, errors of a catch-up are kept for a time,
  and alerts pause a map on their own.

  Background:
    Given both environments are linked for "USMF"

  @2026 @B66 @decision-Q14 @L73 @L74
  Scenario: the other side sees every change, in order
    Given the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | NameA       |
    And the table map "Customer groups" is paused
    And CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | NameB       |
    And CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | NameC       |
    Then 2 changes of "Customer groups" wait
    And msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | NameA             |
    When the table map "Customer groups" begins to resume
    And one queued change of "Customer groups" is played back
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | NameB             |
    And the table map "Customer groups" is Resuming
    When CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | NameD       |
    Then the save waits in the queue
    When the table map "Customer groups" ends resuming
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | NameD             |
    And the table map "Customer groups" is Running

  @2026 @B69
  Scenario Outline: Skip to live sync while resuming (<what>)
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is paused
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 20              | Retail      |
    And the table map "Customer groups" begins to resume
    And one queued change of "Customer groups" is played back
    And the table map "Customer groups" skips to live sync, the queue <what>
    Then the table map "Customer groups" is Running
    And there is msdyn_customergroup "10" of USMF
    And there is no msdyn_customergroup "20" of USMF
    And "Customer groups" has <errors>

    Examples:
      | what      | errors           |
      | lost      | 0 catch-up errors |
      | preserved | 1 catch-up error  |

  @2026 @B70 @limit-L10-age @decision-Q12 @decision-Q13 @L77
  Scenario: a map can be paused for a day
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is paused
    And 1 day passes
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then the save waits in the queue
    When 1 second passes
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 20              | Retail      |
    Then it is refused with "SIM-PAUSE-LIMIT"
    And there is no CustomerGroups "20" of USMF
    When the table map "Customer groups" is resumed and catches up
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 20              | Retail      |
    Then the save reached the other side

  @2020-10 @limit-L10-age
  Scenario: the older pages give a week
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is paused
    And 7 days pass
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then the save waits in the queue
    When 1 second passes
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 20              | Retail      |
    Then it is refused with "SIM-PAUSE-LIMIT"

  @2026 @B71 @limit-L11 @B67 @L76
  Scenario: errors of a catch-up are kept for a day and can be retried
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is paused
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And the table map "Customer groups" is resumed, the queue kept as catch-up errors
    And 1 day passes
    Then "Customer groups" has 1 catch-up error
    When the catch-up errors of "Customer groups" are retried
    Then "Customer groups" has 0 catch-up errors
    And there is msdyn_customergroup "10" of USMF
    When the table map "Customer groups" is paused
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 20              | Retail      |
    And the table map "Customer groups" is resumed, the queue kept as catch-up errors
    And 1 day 1 second passes
    Then "Customer groups" has 0 catch-up errors

  @2020-10
  Scenario: the older pages resume in one way
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is paused
    And the table map "Customer groups" is resumed, the queue kept as catch-up errors
    Then it is refused with "SIM-RESUME-OPTION"
    And the table map "Customer groups" is Paused
    When the table map "Customer groups" is resumed and catches up
    Then the table map "Customer groups" is Running

  @2020-10 @limit-L11
  Scenario: the older pages keep them for a week
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is paused
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | PaymentTermId |
      | 10              | NET99         |
    And the table map "Customer groups" is resumed and catches up
    And 7 days pass
    Then "Customer groups" has 1 catch-up error
    When 1 second passes
    Then "Customer groups" has 0 catch-up errors

  @2026 @B76 @decision-Q25 @decision-Q35
  Scenario: the third error within a quarter of an hour pauses the map
    Given an alert pauses a map at 3 application errors within 15 minutes
    And the table map "Customers V3 (accounts)" runs
    When this customer of the missing group "80" is saved 2 times
    Then the table map "Customers V3 (accounts)" is Running
    When 15 minutes passes
    And this customer of the missing group "80" is saved 2 times
    Then the table map "Customers V3 (accounts)" is Running
    When this customer of the missing group "80" is saved 1 times
    Then the table map "Customers V3 (accounts)" is Paused
    And the activity log of "Customers V3 (accounts)" tells of the alert

  @2026 @B76 @L82
  Scenario: a rule added to a running map waits for its restart
    Given the table map "Customers V3 (accounts)" runs
    And an alert pauses a map at 2 application errors within 15 minutes
    When this customer of the missing group "80" is saved 2 times
    Then the table map "Customers V3 (accounts)" is Running
    When the table map "Customers V3 (accounts)" is stopped
    And the table map "Customers V3 (accounts)" is run without initial sync
    And this customer of the missing group "80" is saved 2 times
    Then the table map "Customers V3 (accounts)" is Paused

  @2026 @B76 @limit-L17-errors @limit-L17-interval @L81
  Scenario: the documented rule, ten errors in fifteen minutes
    Given an alert pauses a map at 10 application errors within 15 minutes
    And the table map "Customers V3 (accounts)" runs
    When this customer of the missing group "80" is saved 9 times
    Then the table map "Customers V3 (accounts)" is Running
    When this customer of the missing group "80" is saved 1 times
    Then the table map "Customers V3 (accounts)" is Paused

  @2026 @L75
  Scenario: a queued change that fails can be retried once its cause is mended
    Given the table maps "terms-of-payment-msdyn-paymentterms, Customer groups" run
    When the table map "Customer groups" is paused
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | PaymentTermId |
      | 10              | NET10         |
    And the table map "Customer groups" is resumed and catches up
    Then the table map "Customer groups" is Running
    And "Customer groups" has 1 catch-up error
    When these PaymentTerms rows of USMF are saved in F&O:
      | Name  | Description |
      | NET10 | Ten days    |
    And the catch-up errors of "Customer groups" are retried
    Then "Customer groups" has 0 catch-up errors
    And there is msdyn_customergroup "10" of USMF

  @2026 @decision-Q11
  Scenario: deletes wait in the queue like any change
    Given the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And the table map "Customer groups" is paused
    And CustomerGroups "10" of USMF is deleted in F&O
    Then there is msdyn_customergroup "10" of USMF
    When the table map "Customer groups" is resumed and catches up
    Then there is no msdyn_customergroup "10" of USMF

  @2026 @L80
  Scenario: a map that resumes offers nothing to do
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is paused
    And the table map "Customer groups" begins to resume
    Then the table map "Customer groups" is Resuming
    When the table map "Customer groups" is paused
    Then it is refused with "is Resuming: Pause is not possible"

  @2026 @decision-Q15
  Scenario: maps that resume together play back in the order of the commits
    Given the table maps "terms-of-payment-msdyn-paymentterms, Customer groups" run
    When the table maps "terms-of-payment-msdyn-paymentterms, Customer groups" are paused
    And these PaymentTerms rows of USMF are saved in F&O:
      | Name  | Description |
      | NET10 | Ten days    |
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | PaymentTermId |
      | 10              | NET10         |
    And the table maps "Customer groups, terms-of-payment-msdyn-paymentterms" are resumed and catch up
    Then "Customer groups" has 0 catch-up errors
    And msdyn_customergroup "10" of USMF has:
      | msdyn_paymenttermid |
      | NET10               |

  @decision-Q40
  Scenario: catch-up errors that are deleted do not come back
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is paused
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | PaymentTermId |
      | 10              | NET99         |
    And the table map "Customer groups" is resumed and catches up
    Then "Customer groups" has 1 catch-up error
    When the catch-up errors of "Customer groups" are deleted
    Then "Customer groups" has 0 catch-up errors
    And there is no msdyn_customergroup "10" of USMF

  Scenario: what waits for F&O is an error of the catch-up while F&O does not answer
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is paused
    And these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    Given F&O does not answer
    When the table map "Customer groups" is resumed and catches up
    Then "Customer groups" has 1 catch-up error
    And CustomerGroups has 0 rows
    When F&O answers again
    And the catch-up errors of "Customer groups" are retried
    Then CustomerGroups "10" of USMF has:
      | Description |
      | Wholesale   |
