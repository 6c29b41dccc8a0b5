@2026
Feature: Editing and versions of table maps
  A map is edited while it is Not running and saved as a new version. Which version runs is chosen, a higher number is not
  used by itself.

  Background:
    Given both environments are linked for "USMF"

  @B57
  Scenario: a running map is not changed
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is edited and saved as version "1.0.0.1":
      | change | field       |
      | remove | Description |
    Then it is refused with "nothing was saved"
    And the table map "Customer groups" has the versions "1.0.0.0"

  @B56
  Scenario: of two versions the chosen one runs
    When the table map "Customer groups" is edited and saved as version "1.0.0.1":
      | change | field       |
      | remove | Description |
    Then the table map "Customer groups" has the versions "1.0.0.0, 1.0.0.1"
    And the active version of "Customer groups" is "1.0.0.1"
    When the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | (empty)           |
    When the table map "Customer groups" is stopped
    And version "1.0.0.0" of the table map "Customer groups" is chosen
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 20              | Retail      |
    Then msdyn_customergroup "20" of USMF has:
      | msdyn_description |
      | Retail            |

  @decision-44
  Scenario: a filter cannot choose companies
    When the table map "Customer groups" is edited and saved as version "1.0.0.1":
      | change        | with                     |
      | filter of F&O | (dataAreaId == "USMF")   |
    Then it is refused with "SIM-FILTER-COMPANY"
