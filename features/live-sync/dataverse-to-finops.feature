@2026
Feature: Live sync from Dataverse to F&O
  What is saved in Dataverse goes to F&O as one payload. F&O refuses it or takes it, and Dataverse follows.

  Background:
    Given both environments are linked for "USMF"

  @L37
  Scenario: a row of a company is in F&O too
    Given the table map "Customer groups" runs
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    Then the save reached the other side
    And CustomerGroups "10" of USMF has:
      | Description |
      | Wholesale   |

  @L38
  Scenario: a row without company stays in Dataverse
    Given the table map "Customer groups" runs
    When these msdyn_customergroup rows are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    Then the save was kept back because "it has no company"
    And CustomerGroups has 0 rows
    And msdyn_customergroup has 1 row

  @L39
  Scenario: what F&O refuses is in neither, and the error holds the record
    Given the table map "Customers V3 (accounts)" runs
    When these account rows of USMF are saved in Dataverse:
      | accountnumber | name     | customertypecode |
      | CE-1          | Customer | 3                |
    Then it is refused with "RecordError0"
    And the refusal names "Write failed for entity Customers V3 with unknown exception - "
    And account has 0 rows

  @L42 @L43
  Scenario: only mapped columns call F&O, and then all of them go
    Given Dataverse has got a text column "new_note" in msdyn_customergroup
    And the table map "Customer groups" runs
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    And msdyn_customergroup "10" of USMF is changed in Dataverse:
      | new_note |
      | Hello    |
    Then the save was kept back because "no mapped column changed"
    When msdyn_customergroup "10" of USMF is changed in Dataverse:
      | msdyn_description |
      | Retail            |
    Then 1 change was sent to the other side

  @L47 @decision-Q10
  Scenario: a row that enters the filter goes as a whole, one that leaves it stays
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is stopped
    And the table map "Customer groups" is changed and saved:
      | change              | value                         |
      | filter of Dataverse | msdyn_description eq 'Retail' |
    And the table map "Customer groups" is run without initial sync
    And these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    Then CustomerGroups has 0 rows
    When msdyn_customergroup "10" of USMF is changed in Dataverse:
      | msdyn_description |
      | Retail            |
    Then CustomerGroups "10" of USMF has:
      | Description |
      | Retail      |
    When msdyn_customergroup "10" of USMF is changed in Dataverse:
      | msdyn_description |
      | Other             |
    Then CustomerGroups "10" of USMF has:
      | Description |
      | Retail      |

  @L49
  Scenario: the company of a saved row does not change
    Given both environments are linked for "DEMF and USMF"
    And the table map "Customer groups" runs
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    And msdyn_customergroup "10" of USMF is changed in Dataverse:
      | msdyn_company |
      | DEMF          |
    Then it is refused with "SIM-COMPANY-READ-ONLY"

  @decision-Q16 @decision-Q17
  Scenario: a change or a delete of a row the other side lost
    Given the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
      | 20              | Retail      |
    And the table map "Customer groups" is stopped
    And msdyn_customergroup "10" of USMF is deleted in Dataverse
    And msdyn_customergroup "20" of USMF is deleted in Dataverse
    And the table map "Customer groups" is run without initial sync
    And CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | Back        |
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | Back              |
    When CustomerGroups "20" of USMF is deleted in F&O
    Then there is no CustomerGroups "20" of USMF

  @decision-Q21
  Scenario: a lookup that is blanked is blank on the other side
    Given the table maps "terms-of-payment-msdyn-paymentterms, Customer groups" run
    When these PaymentTerms rows of USMF are saved in F&O:
      | Name  | Description |
      | NET10 | Ten days    |
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | PaymentTermId |
      | 10              | NET10         |
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_paymenttermid |
      | NET10               |
    When CustomerGroups "10" of USMF is changed in F&O:
      | PaymentTermId |
      | (empty)       |
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_paymenttermid |
      | (empty)             |

  @L17
  Scenario: a map that only flows to F&O sends nothing from there
    When the table map "Customer groups" is changed and saved:
      | change    | F&O                           | direction |
      | direction | CustomerGroupId               | <         |
      | direction | Description                   | <         |
      | direction | IsSalesTaxIncludedInPrice     | <         |
      | direction | PaymentTermId                 | <         |
      | direction | ClearingPeriodPaymentTermName | <         |
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then nothing was sent to the other side
    And the health check of the table map "Customer groups" finds "HEALTH-500"

  @L44
  Scenario: before December 2022 any column called F&O
    Given Dataverse has got a text column "new_note" in msdyn_customergroup
    And any column of Dataverse calls F&O
    And the table map "Customer groups" runs
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    And msdyn_customergroup "10" of USMF is changed in Dataverse:
      | new_note |
      | Hello    |
    Then 1 change was sent to the other side

  @L50
  Scenario: rows of a mapped table are not merged
    Given the table map "Customer groups" runs
    When rows of msdyn_customergroup are merged in Dataverse
    Then it is refused with "SIM-MERGE-MAPPED"

  @decision-Q19 @decision-Q36
  Scenario: a row that two table maps send goes twice, and two rows of one request go in one transaction
    When a table map between VendorGroups and msdyn_customergroup is added:
      | F&O           | direction | Dataverse         | value |
      | VendorGroupId | =         | msdyn_groupid     |       |
      | Description   | =         | msdyn_description |       |
    And the table map "Customer groups" is run without initial sync
    And the table map "vendor-groups-msdyn-customergroups" is run without initial sync
    And one transaction in Dataverse does:
      | what   | table               | of   | values                                         |
      | create | msdyn_customergroup | USMF | msdyn_groupid: 10, msdyn_description: Wholesale |
      | create | msdyn_customergroup | USMF | msdyn_groupid: 20, msdyn_description: Retail    |
    Then 4 changes were sent to the other side
    And CustomerGroups has 2 rows
    And VendorGroups has 2 rows

  @decision-Q18
  Scenario: a key that changes leaves the row of the old key behind, and the journal says so
    Given the table map "Customer groups" runs
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    And msdyn_customergroup "10" of USMF is changed in Dataverse:
      | msdyn_groupid |
      | 11            |
    Then there is CustomerGroups "11" of USMF
    And there is CustomerGroups "10" of USMF
    And the journal notes "SIM-INTEGRATION-KEY-CHANGED"
    When CustomerGroups "11" of USMF is changed in F&O:
      | CustomerGroupId |
      | 12              |
    Then it is refused with "SIM-KEY-READ-ONLY"
