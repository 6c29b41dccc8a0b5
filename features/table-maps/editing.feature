@2026
Feature: Editing a table map
  A stopped map is changed in the mapping editor. What is changed is checked against the schemas the link knows, which are
  those of its last refresh.

  Background:
    Given both environments are linked for "USMF"

  @B57 @L54
  Scenario: a paused map is not changed
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is paused
    And the table map "Customer groups" is changed and saved:
      | change | F&O         |
      | remove | Description |
    Then it is refused with "Stop it first; nothing was saved"
    And the table map "Customer groups" is Paused
    And the table map "Customer groups" has the versions:
      | 1.0.0.0 of Microsoft |

  @B57 @L54
  Scenario: a running map is not changed until it is stopped
    Given the table map "Customer groups" runs
    When the table map "Customer groups" is changed and saved:
      | change | F&O         |
      | remove | Description |
    Then it is refused with "is Running: Edit is not possible"
    And the table map "Customer groups" has the versions:
      | 1.0.0.0 of Microsoft |
    When the table map "Customer groups" is stopped
    And the table map "Customer groups" is changed and saved:
      | change | F&O         |
      | remove | Description |
    Then the table map "Customer groups" has the versions:
      | 1.0.0.0 of Microsoft |
      | 1.0.0.1 of Contoso   |

  @L65
  Scenario: columns of one's own are mapped once both schemas are refreshed
    Given F&O has got a text column "ContosoRegion" in CustomerGroups
    And Dataverse has got a text column "new_region" in msdyn_customergroup
    When the entity list of F&O is refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O           | direction | Dataverse  |
      | add    | ContosoRegion | =         | new_region |
    Then it is refused with "DIPV1022"
    When the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O           | direction | Dataverse  |
      | add    | ContosoRegion | =         | new_region |
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description | ContosoRegion |
      | 10              | Wholesale   | North         |
    Then msdyn_customergroup "10" of USMF has:
      | new_region |
      | North      |

  Scenario: a row that is taken out is not sent any more
    When the table map "Customer groups" is changed and saved:
      | change | F&O         |
      | remove | Description |
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | (empty)           |

  Scenario: a filter lets only some rows travel
    When the table map "Customer groups" is changed and saved:
      | change        | value                         |
      | filter of F&O | (Description == "Wholesale") |
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
      | 20              | Retail      |
    Then there is msdyn_customergroup "10" of USMF
    And there is no msdyn_customergroup "20" of USMF

  @decision-44
  Scenario Outline: a filter does not choose a company (<side>)
    When the table map "Customer groups" is changed and saved:
      | change           | value    |
      | filter of <side> | <filter> |
    Then it is refused with "SIM-FILTER-COMPANY"

    Examples:
      | side      | filter                       |
      | F&O       | (dataAreaId == "USMF")       |
      | Dataverse | _msdyn_company_value ne null |

  @decision-18
  Scenario: what the editor warns of is saved, and refused when the map is run
    Given Dataverse has got a number column "new_number" in msdyn_customergroup
    When the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O         | direction | Dataverse  |
      | add    | Description | >         | new_number |
    Then the editor warns of "DIPV1030"
    And the table map "Customer groups" has the versions:
      | 1.0.0.0 of Microsoft |
      | 1.0.0.1 of Contoso   |
    When the table map "Customer groups" is run without initial sync
    Then it is refused with "DIPV1030"
    And the table map "Customer groups" is Not running

  Scenario: a row that is not there is named, with the nearest that is
    When the table map "Customer groups" is changed and saved:
      | change | F&O           |
      | remove | CustomerGroup |
    Then it is refused with "did you mean 'CustomerGroupId'?"

  Scenario: a map between two tables that have none is added and runs
    When a table map between VendorGroups and msdyn_customergroup is added:
      | F&O           | direction | Dataverse         |
      | VendorGroupId | =         | msdyn_groupid     |
      | Description   | =         | msdyn_description |
    Then the editor warns of nothing
    And the table map "vendor-groups-msdyn-customergroups" is Not running
    When the table map "vendor-groups-msdyn-customergroups" is run without initial sync
    And these VendorGroups rows of USMF are saved in F&O:
      | VendorGroupId | Description |
      | V1            | Local       |
    Then msdyn_customergroup "V1" of USMF has:
      | msdyn_description |
      | Local             |

  @B51
  Scenario: a table without companies and one with them have no map
    When a table map between CDSParties and msdyn_customergroup is added:
      | F&O         | direction | Dataverse     |
      | PartyNumber | >         | msdyn_groupid |
    And the table map "cds-parties-msdyn-customergroups" is changed and saved:
      | change         | Dataverse     |
      | company column | msdyn_company |
    Then it is refused with "DIPV1002"
    And the refusal has the words of "DIPV1002-DETAIL"

  @limit-L13
  Scenario: refreshing the entity list takes half an hour
    When the entity list of F&O is refreshed
    Then it took 30 minutes

  Scenario: two tables have one map
    When a table map between CustomerGroups and msdyn_customergroup is added:
      | F&O             | direction | Dataverse     |
      | CustomerGroupId | =         | msdyn_groupid |
    Then it is refused with "SIM-MAP-EXISTS"

  Scenario: only the person who linked adds a map
    When "Blake Brown" signs in as another administrator
    And a table map between VendorGroups and msdyn_customergroup is added:
      | F&O           | direction | Dataverse     |
      | VendorGroupId | =         | msdyn_groupid |
    Then it is refused with "E8"
