@2026
Feature: Values on their way between F&O and Dataverse
  The same conversions serve initial sync and live sync. What does not fit is refused, never cut short.

  Background:
    Given both environments are linked for "USMF"

  @decision-Q6 @decision-Q28
  Scenario: a value that the value map does not have
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is stopped
    And the table map "Customer groups" is changed and saved:
      | change    | F&O                       | Dataverse                       | value     |
      | value map | IsSalesTaxIncludedInPrice | msdyn_issalestaxincludedinprice | yes: True |
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | IsSalesTaxIncludedInPrice |
      | 10              | Yes                       |
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_issalestaxincludedinprice |
      | true                            |
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | IsSalesTaxIncludedInPrice |
      | 20              | No                        |
    Then it is refused with "SIM-VALUE-NOT-IN-MAP"
