@2026
Feature: Alert settings
  An administrator says how many errors of which types within what time are too many, what is done then, and who is told. A
  setting counts for maps that start after it was saved, fires once until the map is started again, and acts on the map that
  breached it alone.

  Background:
    Given both environments are linked for "USMF"

  @decision-Q24
  Scenario: throttling is an error type of its own, and counts for settings that name it
    Given these alert settings:
      | name       | types             | errors | within     | action | tells                              |
      | Throttling | too-many-requests | 2      | 15 minutes | notify | ops@contoso.com, admin@contoso.com |
      | Data       | application-error | 2      | 15 minutes | stop   | data@contoso.com                   |
    And the table map "Customer groups" runs
    And Dataverse answers that there are too many requests
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId |
      | 10              |
    Then it is refused with "SIM-THROTTLED"
    And CustomerGroups has 0 rows
    And no alert tells anybody
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId |
      | 10              |
    Then it is refused with "SIM-THROTTLED"
    And the table map "Customer groups" is Running
    And alert "Throttling" tells "ops@contoso.com, admin@contoso.com" of 2 errors of "Customer groups"

  Scenario: a setting without types counts every error
    Given this alert setting:
      | name | types | errors | within     | action | tells           |
      | All  |       | 2      | 15 minutes | pause  | ops@contoso.com |
    And the table map "Customer groups" runs
    And Dataverse answers that it is not available
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId |
      | 10              |
    Then it is refused with "SIM-DATAVERSE-UNAVAILABLE"
    When Dataverse answers again
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | PaymentTermId |
      | 10              | NET99         |
    Then it is refused with "LIVE-LOOKUP"
    And the table map "Customer groups" is Paused
    And alert "All" tells "ops@contoso.com" of 2 errors of "Customer groups"

  Scenario: a setting that is not active does nothing, and one of an unknown type is refused
    Given this alert setting:
      | name | types | errors | within     | action | tells           | state    |
      | All  |       | 1      | 15 minutes | stop   | ops@contoso.com | inactive |
    And the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | PaymentTermId |
      | 10              | NET99         |
    Then it is refused with "LIVE-LOOKUP"
    And the table map "Customer groups" is Running
    And no alert tells anybody

  @decision-Q25
  Scenario: an alert fires once, and again after the map was started again
    Given this alert setting:
      | name | types             | errors | within | action | tells           |
      | Data | application-error | 1      | 1 hour | notify | ops@contoso.com |
    And the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | PaymentTermId |
      | 10              | NET99         |
    Then it is refused with "LIVE-LOOKUP"
    And alert "Data" tells "ops@contoso.com" of 1 error of "Customer groups"
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | PaymentTermId |
      | 10              | NET99         |
    Then it is refused with "LIVE-LOOKUP"
    And no alert tells anybody
    When the table map "Customer groups" is stopped
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | PaymentTermId |
      | 10              | NET99         |
    Then it is refused with "LIVE-LOOKUP"
    And alert "Data" tells "ops@contoso.com" of 1 error of "Customer groups"

  @L81
  Scenario Outline: ten errors in fifteen minutes, or in more (<first> and, <time> later, <last>)
    Given this alert setting:
      | name | types             | errors | within     | action | tells           |
      | Data | application-error | 10     | 15 minutes | pause  | ops@contoso.com |
    And the table map "Customers V3 (accounts)" runs
    When this customer of the missing group "80" is saved <first> times
    And <time> passes
    And this customer of the missing group "80" is saved <last> times
    Then the table map "Customers V3 (accounts)" is <status>
    And <told>

    Examples:
      | first | time       | last | status  | told                                                                              |
      | 9     | 14 minutes | 1    | Paused  | alert "Data" tells "ops@contoso.com" of 10 errors of "Customers V3 (accounts)" |
      | 5     | 16 minutes | 5    | Running | no alert tells anybody                                                            |

  @decision-Q26
  Scenario: an alert stops the map that breached it and no other
    Given this alert setting:
      | name | types             | errors | within | action | tells           |
      | Data | application-error | 1      | 1 hour | stop   | ops@contoso.com |
    And the table maps "terms-of-payment-msdyn-paymentterms, Customer groups" run
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | PaymentTermId |
      | 10              | NET99         |
    Then it is refused with "LIVE-LOOKUP"
    And the table map "Customer groups" is Not running
    And the table map "terms-of-payment-msdyn-paymentterms" is Running
    And the journal notes "SIM-ALERT-STOPPED"
    And alert "Data" tells "ops@contoso.com" of 1 error of "Customer groups"
