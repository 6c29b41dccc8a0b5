@2026
Feature: Keys of rows in initial sync
  Rows are told apart by the integration key. What has no key, or the key of another row, is not lost without a word.

  Background:
    Given both environments are linked for "USMF"

  @decision-35
  Scenario: a row with a blank in its key fails, and the failure names the column
    Given Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      |               | Without number    |
      | 10            | Wholesale         |
    When the table map "Customer groups" is run with initial sync
    Then 1 row failed
    And row "" failed with "CustomerGroupId"
    And there is CustomerGroups "10" of USMF
    And the table map "Customer groups" is Not running

  @decision-36
  Scenario: of two rows with one key the first is inserted, the second updates it, and that is said
    Given F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description | PaymentTermId |
      | 10              | Wholesale   |               |
      | 20              | Wholesale   |               |
    When the integration key of msdyn_customergroup is set to "msdyn_description, msdyn_company.cdm_companycode"
    And the table map "Customer groups" is run with initial sync
    Then initial sync warns of "SIM-DUPLICATE-SOURCE-KEY"
    And msdyn_customergroup has 1 row

  @decision-38
  Scenario: Dataverse is read in full every time, F&O only what changed
    Given change tracking of CustomerGroups is on
    And F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    When the table map "Customer groups" is run with initial sync
    And the table map "Customer groups" is stopped
    And the table map "Customer groups" is run with initial sync
    Then initial sync moved:
      | into      | exported |
      | Dataverse | 0        |
      | F&O       | 1        |

  @decision-34
  Scenario: values are translated and rows filtered as in live sync
    Given F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description | IsSalesTaxIncludedInPrice |
      | 10              | Wholesale   | Yes                       |
      | 20              | Retail      | No                        |
    When the table map "Customer groups" is changed and saved:
      | change        | value                        |
      | filter of F&O | (Description == "Wholesale") |
    And the table map "Customer groups" is run with initial sync
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_issalestaxincludedinprice |
      | true                            |
    And there is no msdyn_customergroup "20" of USMF

  @decision-8
  Scenario: the code of a company is compared without case and spelled as F&O spells it
    Given Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_company |
      | 10            | usmf          |
    When the table map "Customer groups" is run with initial sync
    Then there is CustomerGroups "10" of USMF

  @decision-13
  Scenario: both sides are fixed before rows move, so that what arrives is not sent back
    Given F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 20            | Retail            |
    When the table map "Customer groups" is run with initial sync
    Then initial sync moved:
      | into      | exported | inserted |
      | Dataverse | 1        | 1        |
      | F&O       | 1        | 1        |
