@2026
Feature: Versions of a table map
  Saving a changed map makes a version with a publisher and a number beside those there are. The version somebody chose is
  the one that runs, whatever its number.

  Background:
    Given both environments are linked for "USMF"

  @L55
  Scenario: a saved map is a new version, and the old ones remain
    When the table map "Customer groups" is changed and saved as version "1.0.0.5" of "Contoso":
      | change | F&O         |
      | remove | Description |
    And the table map "Customer groups" is changed and saved as version "9.9.9.9" of "Contoso":
      | change | F&O           |
      | remove | PaymentTermId |
    Then the table map "Customer groups" has the versions:
      | 1.0.0.0 of Microsoft |
      | 1.0.0.5 of Contoso   |
      | 9.9.9.9 of Contoso   |

  @L56 @B56
  Scenario: a parked higher number is not used
    When the table map "Customer groups" is changed and saved as version "1.0.0.5" of "Contoso":
      | change | F&O         |
      | remove | Description |
    And the table map "Customer groups" is changed and saved as version "9.9.9.9" of "Contoso":
      | change | F&O           |
      | remove | PaymentTermId |
    And version "1.0.0.5" of the table map "Customer groups" is activated
    And the table map "Customer groups" is run without initial sync
    Then the table map "Customer groups" uses version "1.0.0.5"

  @B56
  Scenario: the chosen version decides what travels
    When the table map "Customer groups" is changed and saved as version "1.0.0.5" of "Contoso":
      | change | F&O         |
      | remove | Description |
    And version "1.0.0.0" of "Microsoft" of the table map "Customer groups" is activated
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | Wholesale         |
    When the table map "Customer groups" is stopped
    And version "1.0.0.5" of "Contoso" of the table map "Customer groups" is activated
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 20              | Retail      |
    Then msdyn_customergroup "20" of USMF has:
      | msdyn_description |
      | (empty)           |

  Scenario: a running map keeps its version
    Given the table map "Customer groups" runs
    When version "1.0.0.0" of the table map "Customer groups" is activated
    Then it is refused with "Stop it first"

  Scenario: a number of the same publisher is saved once
    When the table map "Customer groups" is changed and saved as version "1.0.0.5" of "Contoso":
      | change | F&O         |
      | remove | Description |
    And the table map "Customer groups" is changed and saved as version "1.0.0.5" of "Contoso":
      | change | F&O           |
      | remove | PaymentTermId |
    Then it is refused with "SIM-MAP-VERSION-EXISTS"
    When the table map "Customer groups" is changed and saved as version "1.0.0.5" of "Fabrikam":
      | change | F&O           |
      | remove | PaymentTermId |
    Then the table map "Customer groups" has the versions:
      | 1.0.0.0 of Microsoft |
      | 1.0.0.5 of Contoso   |
      | 1.0.0.5 of Fabrikam  |

  Scenario: a version that is not there cannot be chosen
    When version "2.0.0.0" of the table map "Customer groups" is activated
    Then it is refused with "SIM-MAP-VERSION-UNKNOWN"

  @L70 @decision-Q38
  Scenario: a map that starts is configured in F&O
    Then F&O holds 0 project configurations and 0 business event definitions of the table map "Customer groups"
    When the table map "Customer groups" is run without initial sync
    Then F&O holds 2 project configurations and 1 business event definition of the table map "Customer groups"
