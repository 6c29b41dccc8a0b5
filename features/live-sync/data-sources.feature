@2026
Feature: What live sync sees of an F&O entity
  An entity is made of data sources. A change is seen when its data source raises events and sends something that is no
  lookup; a range or an outer join keeps rows back. What an entity is made of is told to the simulator, as no page lists it.

  Background:
    Given both environments are linked for "USMF"

  @L18
  Scenario: a data source that is outer-joined and read-only is not tracked
    Given the fields "Description" of CustomerGroups come from the outer-joined read-only data source "Texts"
    And the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | Retail      |
    Then the save was kept back because "changes of its data source are not tracked"
    And msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | Wholesale         |

  @L19
  Scenario: a data source that sends lookups alone is not tracked
    Given the fields "PaymentTermId" of CustomerGroups come from the data source "PaymTerm"
    And Dataverse has these msdyn_paymentterm rows of USMF:
      | msdyn_name |
      | NET10      |
    And the table map "Customer groups" runs
    Then the health check of the table map "Customer groups" finds "HEALTH-1500"
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And CustomerGroups "10" of USMF is changed in F&O:
      | PaymentTermId |
      | NET10         |
    Then the save was kept back because "changes of its data source are not tracked"
    When CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | Retail      |
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_paymenttermid |
      | NET10               |

  @L20 @L21
  Scenario: a nested data source is tracked once it is registered and the map was started again
    Given the fields "Description" of CustomerGroups come from the nested data source "Texts"
    And the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | Retail      |
    Then the save was kept back because "changes of its data source are not tracked"
    And the health check of the table map "Customer groups" finds "HEALTH-1900"
    Given the nested data source "Texts" of CustomerGroups is registered
    When CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | Other       |
    Then the save was kept back because "changes of its data source are not tracked"
    When the table map "Customer groups" is stopped
    And the table map "Customer groups" is run without initial sync
    And CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | Last        |
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | Last              |

  @L23
  Scenario: an empty text of an outer-joined data source is no value, and a filter for an empty text does not find it
    When the table map "Customer groups" is changed and saved:
      | change        | value                |
      | filter of F&O | (Description == "") |
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId |
      | 10              |
    Then the save reached the other side
    When the table map "Customer groups" is stopped
    Given the fields "Description" of CustomerGroups come from the outer-joined data source "Texts"
    When the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId |
      | 20              |
    Then the save was kept back because "the map's filter keeps it back"
    And the journal notes "LIVE-E8"
    And there is no msdyn_customergroup "20" of USMF

  @L48
  Scenario: a row outside the range of a data source is inserted once more, and refused
    Given the data source "CustGroup" of CustomerGroups has the range "(Description != 'Hidden')"
    And F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Hidden      |
      | 20              | Wholesale   |
    And Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 10            | Hidden            |
      | 20            | Wholesale         |
    And the table map "Customer groups" runs
    When msdyn_customergroup "20" of USMF is changed in Dataverse:
      | msdyn_description |
      | Retail            |
    Then the save reached the other side
    When msdyn_customergroup "10" of USMF is changed in Dataverse:
      | msdyn_description |
      | Retail            |
    Then it is refused with "SIM-DUPLICATE-KEY"
    And the refusal names "RecordError0"
    And msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | Hidden            |
    When CustomerGroups "10" of USMF is changed in F&O:
      | IsSalesTaxIncludedInPrice |
      | Yes                       |
    Then the save was kept back because "it is outside the range of a data source"
    When CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | Shown       |
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_description | msdyn_issalestaxincludedinprice |
      | Shown             | true                            |

  Scenario: a mapped field whose configuration key is off fails the save
    Given the table map "Customer groups" runs
    And the configuration key of the field "Description" of CustomerGroups is off
    When the table map "Customer groups" is stopped
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId |
      | 10              |
    Then it is refused with "LIVE-E13"
    And CustomerGroups has 0 rows

  Scenario: a change that raises no event is noted where a map would have carried it
    Given the table map "Customer groups" runs
    When code in F&O does with doInsert:
      | what   | table          | of   | row | values                                   |
      | create | CustomerGroups | USMF |     | CustomerGroupId: 20, Description: Retail |
    Then the journal notes "LIVE-E9"
