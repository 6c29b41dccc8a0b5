@2026
Feature: Table maps in solutions
  Versions of table maps travel in solutions. An imported map is in no list until Apply Solution publishes it.

  Background:
    Given both environments are linked for "USMF"

  Scenario: the stored form of a map
    When the table map "Customer groups" is changed and saved as version "1.0.0.5" of "Contoso":
      | change        | value                |
      | filter of F&O | (Description != "") |
    Then the stored form of the table map "Customer groups" has:
      | place                                   | value               |
      | /legs/0/sourceSchema                    | Customer groups     |
      | /legs/0/destinationSchema               | msdyn_customergroups |
      | /legs/0/sourceFilter                    | (Description != "") |
      | /legs/0/fieldMappings/0/destinationField | msdyn_groupid      |

  @L71
  Scenario: a version goes from one tenant to another and is listed once the solution is applied
    When the table map "Customer groups" is changed and saved as version "1.0.0.5" of "Contoso":
      | change | F&O         |
      | remove | Description |
    And the managed solution "ContosoMaps" version "1.0.0.0" is exported with version "1.0.0.5" of the table map "Customer groups"
    And the work goes on in a tenant set up alike
    And the exported solution is imported
    Then the table map "Customer groups" has the versions:
      | 1.0.0.0 of Microsoft |
    When the imported solution "ContosoMaps" is applied
    Then the table map "Customer groups" has the versions:
      | 1.0.0.0 of Microsoft |
      | 1.0.0.5 of Contoso   |
    When version "1.0.0.5" of the table map "Customer groups" is activated
    And the table map "Customer groups" is run without initial sync
    Then the table map "Customer groups" uses version "1.0.0.5"
    When the table map "Customer groups" is stopped
    And the imported solution "ContosoMaps" is uninstalled
    Then the table map "Customer groups" has the versions:
      | 1.0.0.0 of Microsoft |

  @L71
  Scenario: a stored map of one's own is imported, applied and runs
    When a solution "ContosoMaps" with this stored table map as version "1.0.0.5" is imported:
      """
      {
        "name": "[Vendor groups] - [msdyn_customergroups]",
        "leftEnvironmentType": "AX",
        "rightEnvironmentType": "CRM",
        "legs": [
          {
            "id": "001",
            "sourceSchema": "Vendor groups",
            "destinationSchema": "msdyn_customergroups",
            "fieldMappings": [
              { "syncDirection": 3, "sourceField": "VENDORGROUPID", "destinationField": "msdyn_groupid" },
              { "syncDirection": 3, "sourceField": "DESCRIPTION", "destinationField": "msdyn_description" }
            ]
          }
        ]
      }
      """
    Then the table map "vendor-groups-msdyn-customergroups" is not listed
    When the imported solution "ContosoMaps" is applied
    Then the table map "vendor-groups-msdyn-customergroups" is listed
    When the table map "vendor-groups-msdyn-customergroups" is run without initial sync
    And these VendorGroups rows of USMF are saved in F&O:
      | VendorGroupId | Description |
      | V1            | Local       |
    Then there is msdyn_customergroup "V1" of USMF

  @decision-Q31
  Scenario: values a value map does not list are never created, whatever the stored map says, and what it says is kept
    When a solution "ContosoMaps" with this stored table map as version "1.0.0.5" is imported:
      """
      {
        "legs": [
          {
            "sourceSchema": "Vendor groups",
            "destinationSchema": "msdyn_customergroups",
            "fieldMappings": [
              { "syncDirection": 3, "sourceField": "VENDORGROUPID", "destinationField": "msdyn_groupid" },
              {
                "syncDirection": 3,
                "sourceField": "DESCRIPTION",
                "destinationField": "msdyn_description",
                "valueTransforms": [
                  { "transformType": "ValueMap", "valueMap": { "L": "Local" }, "createValuesOnDestination": true }
                ]
              }
            ]
          }
        ]
      }
      """
    And the imported solution "ContosoMaps" is applied
    Then the stored form of the table map "vendor-groups-msdyn-customergroups" has:
      | place                                                                    | value |
      | /legs/0/fieldMappings/1/valueTransforms/0/createValuesOnDestination | true  |
    When the table map "vendor-groups-msdyn-customergroups" is run without initial sync
    And these VendorGroups rows of USMF are saved in F&O:
      | VendorGroupId | Description |
      | V1            | L           |
    Then there is msdyn_customergroup "V1" of USMF
    When these VendorGroups rows of USMF are saved in F&O:
      | VendorGroupId | Description |
      | V2            | Foreign     |
    Then it is refused with "SIM-VALUE-NOT-IN-MAP"

  Scenario: a stored map that cannot be read is refused, and says where
    When a solution "ContosoMaps" with this stored table map as version "1.0.0.5" is imported:
      """
      { "legs": [] }
      """
    Then it is refused with "SIM-MAP-DOCUMENT"

  Scenario: a solution holds versions of its publisher only
    When the managed solution "ContosoMaps" version "1.0.0.0" is exported with version "1.0.0.0" of the table map "Customer groups"
    Then it is refused with "SIM-MAP-VERSION-UNKNOWN"

  Scenario: a managed solution is replaced by a newer managed one only
    When the table map "Customer groups" is changed and saved as version "1.0.0.5" of "Contoso":
      | change | F&O         |
      | remove | Description |
    And the managed solution "ContosoMaps" version "2.0.0.0" is exported with version "1.0.0.5" of the table map "Customer groups"
    And the exported solution is imported
    And the unmanaged solution "ContosoMaps" version "3.0.0.0" is exported with version "1.0.0.5" of the table map "Customer groups"
    And the exported solution is imported
    Then it is refused with "SIM-SOLUTION-MANAGED"
    When the managed solution "ContosoMaps" version "1.0.0.0" is exported with version "1.0.0.5" of the table map "Customer groups"
    And the exported solution is imported
    Then it is refused with "SIM-SOLUTION-MANAGED"

  @decision-40
  Scenario Outline: several solutions applied in one call <how> make <times> of each version
    When the table map "Customer groups" is changed and saved as version "1.0.0.5" of "Contoso":
      | change | F&O         |
      | remove | Description |
    And the table map "Customer groups" is changed and saved as version "1.0.0.6" of "Contoso":
      | change | F&O           |
      | remove | PaymentTermId |
    And the managed solution "First" version "1.0.0.0" is exported with version "1.0.0.5" of the table map "Customer groups"
    And the exported solution is imported
    And the managed solution "Second" version "1.0.0.0" is exported with version "1.0.0.6" of the table map "Customer groups"
    And the exported solution is imported
    And the imported solutions "First and Second" are <how>
    Then the table map "Customer groups" has <times>

    Examples:
      | how                        | times      |
      | applied                    | 5 versions |
      | applied with strict quirks | 7 versions |

  @decision-40
  Scenario: applying a solution again changes nothing
    When the table map "Customer groups" is changed and saved as version "1.0.0.5" of "Contoso":
      | change | F&O         |
      | remove | Description |
    And the unmanaged solution "ContosoMaps" version "1.0.0.0" is exported with version "1.0.0.5" of the table map "Customer groups"
    And the work goes on in a tenant set up alike
    And the exported solution is imported
    And the imported solution "ContosoMaps" is applied
    And the imported solution "ContosoMaps" is applied
    Then the table map "Customer groups" has 2 versions
