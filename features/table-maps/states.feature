@2026
Feature: The life of a table map
  Not running, Initializing, Running, Paused, Resuming: what can be done in each, and what is refused.

  Background:
    Given both environments are linked for "USMF"

  @B59
  Scenario: a map that is run without initial sync runs at once
    When the table map "Customer groups" is run without initial sync
    Then the table map "Customer groups" is Running
    And no initial sync has run

  @B60
  Scenario: a map that is run with initial sync runs once everything has arrived
    Given F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    When the table map "Customer groups" is run with initial sync
    Then initial sync ran without an error
    And the table map "Customer groups" is Running
    And there is msdyn_customergroup "10" of USMF

  @B61
  Scenario: one failing row keeps the map from running
    Given F&O has these CustomersV3 rows of USMF:
      | CustomerAccount | OrganizationName | PartyType    | CustomerGroupId | SalesCurrencyCode |
      | US-001          | Contoso          | Organization | 10              | USD               |
    When the table map "Customers V3 (accounts)" is run with initial sync
    Then the table map "Customers V3 (accounts)" is Not running
    And row "US-001" failed with "I3"

  @decision-49
  Scenario: only a running map can be paused
    When the table map "Customer groups" is paused
    Then it is refused with "Pause needs every selected map to be Running"
    And the table map "Customer groups" is Not running

  @L78
  Scenario: of two maps that are paused together neither is, when one does not run
    Given the table map "terms-of-payment-msdyn-paymentterms" runs
    When the table maps "terms-of-payment-msdyn-paymentterms, Customer groups" are paused
    Then it is refused with "Pause needs every selected map to be Running"
    And the table map "terms-of-payment-msdyn-paymentterms" is Running
    And the table map "Customer groups" is Not running

  Scenario: a running map cannot be run again
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is run with initial sync
    Then it is refused with "possible now: Stop, Pause"
    And the table map "Customer groups" is Running

  @decision-30 @L83
  Scenario: what changes while a map is stopped is not queued
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is stopped
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then the save stayed where it was made
    When the table map "Customer groups" is run without initial sync
    Then msdyn_customergroup has 0 rows
    When the table map "Customer groups" is stopped
    And the table map "Customer groups" is run with initial sync
    Then msdyn_customergroup has 1 row

  @B67 @B68 @L79
  Scenario Outline: what becomes of the queue when a map resumes (<how>)
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is paused
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then the save waits in the queue
    When the table map "Customer groups" is <how>
    Then the table map "Customer groups" is Running
    And msdyn_customergroup has <rows>

    Examples:
      | how                                        | rows   |
      | resumed and catches up                     | 1 row  |
      | resumed, the queue kept as catch-up errors | 0 rows |
      | resumed, the queue discarded               | 0 rows |

  @decision-10
  Scenario: the service numbers what users read as words
    Then the service numbers the state of the table map "Customer groups" 0
    When the table map "Customer groups" is run without initial sync
    Then the service numbers the state of the table map "Customer groups" 4
    When the table map "Customer groups" is paused
    Then the service numbers the state of the table map "Customer groups" 5
    When the table map "Customer groups" is stopped
    Then the table map "Customer groups" is Not running
    And the service numbers the state of the table map "Customer groups" 1

  @decision-12
  Scenario: stopping a paused map discards its queue
    When the table map "Customer groups" is run without initial sync
    And the table map "Customer groups" is paused
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And the table map "Customer groups" is stopped
    And the table map "Customer groups" is run without initial sync
    Then there is no msdyn_customergroup "10" of USMF
