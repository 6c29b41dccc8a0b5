@2026
Feature: Validation of table maps
  What a map breaks by itself refuses the save; what is wrong with the link around it refuses the run. Two codes only warn in
  the editor and refuse the run.

  Background:
    Given both environments are linked for "USMF"

  @B51 @decision-18
  Scenario Outline: a change that breaks a rule is not saved (<code> <change> <field>)
    When the table map "Customer groups" is edited and saved as version "1.0.0.1":
      | change   | field   | column   | with   |
      | <change> | <field> | <column> | <with> |
    Then it is refused with "<code>"
    And the table map "Customer groups" has the versions "1.0.0.0"

    Examples:
      | code     | change              | field           | column             | with             |
      | DIPV1002 | company column      |                 |                    |                  |
      | DIPV1004 | direction           | CustomerGroupId |                    | >                |
      | DIPV1012 | filter of Dataverse |                 |                    | msdyn_groupid eq |
      | DIPV1014 | remove              | CustomerGroupId |                    |                  |
      | DIPV1024 | add                 | TaxGroupId      |                    | >                |
      | DIPV1025 | add                 | TaxGroupId      | msdyn_nosuchcolumn | >                |
      | DIPV1026 | add                 | TaxGroupId      | msdyn_description  | >                |
      | DIPV1029 | add                 | Description     | msdyn_description  | >                |

  @B51 @decision-18
  Scenario: a field that the entity does not have is no source
    Given Dataverse gives msdyn_customergroup a text column "new_class"
    When the entity list and the tables are refreshed
    And the table map "Customer groups" is edited and saved as version "1.0.0.1":
      | change | field       | column    | with |
      | add    | NoSuchField | new_class | >    |
    Then it is refused with "DIPV1022"

  @B51 @decision-18
  Scenario Outline: what is wrong around a map refuses the run (<code>)
    Given <what>
    When the table map "Customer groups" is run with initial sync
    Then it is refused with "<code>"
    And the table map "Customer groups" is Not running

    Examples:
      | code     | what                                                          |
      | DIPV1000 | the connection of the linking user is no longer valid         |
      | DIPV1002 | F&O shares CustomerGroups across companies                    |
      | DIPV1005 | the link has lost what it knew of its environments            |
      | DIPV1007 | the Dataverse environment was copied                          |
      | DIPV1008 | the business unit USMF was renamed                            |
      | DIPV1015 | the integration key of msdyn_customergroup is "msdyn_groupid, ownerid.fullname" |
      | DIPV1016 | the company row USMF is missing in Dataverse                  |
      | DIPV1019 | msdyn_customergroup has no version numbers                    |

  Scenario: a mandatory column that is new needs a row, and the row a default
    Given Dataverse gives msdyn_customergroup a mandatory column "new_class"
    When the entity list and the tables are refreshed
    And the table map "Customer groups" is run with initial sync
    Then it is refused with "DIPV1010"
    When the table map "Customer groups" is edited and saved as version "1.0.0.1":
      | change | field      | column    | with |
      | add    | TaxGroupId | new_class | >    |
    Then the editor warns of "DIPV1031"
    When the table map "Customer groups" is run with initial sync
    Then it is refused with "DIPV1031"
    When the table map "Customer groups" is edited and saved as version "1.0.0.2":
      | change  | column    | with |
      | default | new_class | none |
    And the table map "Customer groups" is run with initial sync
    Then the table map "Customer groups" is Running

  Scenario: a read-only column is no destination
    Given Dataverse gives msdyn_customergroup a read-only column "new_rollup"
    When the entity list and the tables are refreshed
    And the table map "Customer groups" is edited and saved as version "1.0.0.1":
      | change | field      | column     | with |
      | add    | TaxGroupId | new_rollup | =    |
    Then it is refused with "DIPV1011"

  @decision-18
  Scenario: types that do not fit are warned of, and refuse the run
    Given Dataverse gives msdyn_customergroup a number column "new_number"
    When the entity list and the tables are refreshed
    And the table map "Customer groups" is edited and saved as version "1.0.0.1":
      | change | field      | column     | with |
      | add    | Description | new_number | >    |
    Then the editor warns of "DIPV1030"
    When the table map "Customer groups" is run with initial sync
    Then it is refused with "DIPV1030"

  Scenario: one source cannot fill two columns both ways
    Given Dataverse gives msdyn_customergroup a text column "new_second"
    When the entity list and the tables are refreshed
    And the table map "Customer groups" is edited and saved as version "1.0.0.1":
      | change | field       | column     | with |
      | add    | Description | new_second | =    |
    Then it is refused with "DIPV1023"

  Scenario: a stale schema has to be refreshed
    Given Dataverse gives msdyn_customergroup a text column "new_region"
    When the table map "Customer groups" is edited and saved as version "1.0.0.1":
      | change | field      | column     | with |
      | add    | TaxGroupId | new_region | >    |
    Then it is refused with "DIPV1025"
    And the refusal names "Missing destination field new_region in the schema"
    When the entity list and the tables are refreshed
    And the table map "Customer groups" is edited and saved as version "1.0.0.1":
      | change | field      | column     | with |
      | add    | TaxGroupId | new_region | >    |
    Then it is done
