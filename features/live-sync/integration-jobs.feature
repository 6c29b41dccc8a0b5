@2026
Feature: Integration jobs
  A job lets creates and updates of its table maps follow after the user's transaction. Deletes stay live, and a transaction
  is either of a job or live.

  Background:
    Given both environments are linked for "USMF"
    And the integration job "Groups" carries "Customer groups" with primary F&O
    When the integration job "Groups" is started

  @L84
  Scenario: the user does not wait
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then there is CustomerGroups "10" of USMF
    And there is no msdyn_customergroup "10" of USMF
    And 1 change is in the pipeline of the integration job "Groups"
    When the integration job "Groups" works
    Then there is msdyn_customergroup "10" of USMF
    And 0 changes are in the pipeline of the integration job "Groups"

  @L85
  Scenario: a transaction does not mix both ways
    Given the table map "terms-of-payment-msdyn-paymentterms" runs
    When one transaction in F&O does:
      | what   | table          | of   | values                             |
      | create | PaymentTerms   | USMF | Name: NET10, Description: Ten days |
      | create | CustomerGroups | USMF | CustomerGroupId: 10                |
    Then it is refused with "SIM-ASYNC-MIXED"
    And PaymentTerms has 0 rows
    And CustomerGroups has 0 rows
    And 0 changes are in the pipeline of the integration job "Groups"

  @L86
  Scenario: deletes are live
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And the integration job "Groups" works
    And CustomerGroups "10" of USMF is deleted in F&O
    Then there is no msdyn_customergroup "10" of USMF

  @L87
  Scenario: of a row edited on both sides the primary side wins
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And the integration job "Groups" works
    And CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | From F&O    |
    And msdyn_customergroup "10" of USMF is changed in Dataverse:
      | msdyn_description |
      | From Dataverse    |
    And the integration job "Groups" works
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | From F&O          |
    And CustomerGroups "10" of USMF has:
      | Description |
      | From F&O    |
    And the integration job "Groups" has 0 sync errors
    And the integration job "Groups" has a conflict failure

  @L88 @L89 @limit-ASYNC-REQUESTS @limit-ASYNC-ROWS
  Scenario: what failed is retried or dismissed while the job is Active
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | PaymentTermId |
      | 10              | NET10         |
    And the integration job "Groups" works
    Then the integration job "Groups" has 1 sync error
    And the integration job "Groups" has a application failure
    When the integration job "Groups" is stopped
    And 1 rows of the integration job "Groups" are to be retried
    Then it is refused with "SIM-ASYNC-STOPPED"
    When the integration job "Groups" is started
    And 10001 rows of the integration job "Groups" are to be retried
    Then it is refused with "SIM-ASYNC-ROWS"
    Given Dataverse has these msdyn_paymentterm rows of USMF:
      | msdyn_name |
      | NET10      |
    When 10000 rows of the integration job "Groups" are to be retried
    And 1 rows of the integration job "Groups" are to be retried
    And 1 rows of the integration job "Groups" are to be retried
    And 1 rows of the integration job "Groups" are to be dismissed
    And 1 rows of the integration job "Groups" are to be dismissed
    Then it is done
    When 1 rows of the integration job "Groups" are to be retried
    Then it is refused with "SIM-ASYNC-REQUESTS"
    When the integration job "Groups" works
    Then the integration job "Groups" has 0 sync errors
    And there is msdyn_customergroup "10" of USMF

  @L90
  Scenario: a version that is not the latest is skipped for good
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | First       |
    And CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | Second      |
    And the integration job "Groups" works
    Then the integration job "Groups" has a concurrency failure
    And msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | Second            |
    When 1 rows of the integration job "Groups" are to be retried
    And the integration job "Groups" works
    Then the integration job "Groups" has a concurrency failure
