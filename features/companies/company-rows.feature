@2026
Feature: Companies, business units, teams and owners
  A company that takes part in dual-write has a row in Dataverse, a business unit and an owner team of its own. Live sync
  gives rows to the default owning team, initial sync to the default team of the business unit.

  @B48 @decision-5
  Scenario: linking makes business unit, team and default owning team once
    Given both environments are linked for "USMF"
    Then there is businessunit "USMF"
    And there is team "USMF Dual Write"
    And cdm_company "USMF" has:
      | cdm_defaultowningteam |
      | USMF Dual Write       |
    When Reset link is done for "USMF"
    Then there is businessunit "USMF"
    And there is team "USMF Dual Write"

  @B49
  Scenario: the default owning team cannot be cleared, and another one owns later rows
    Given both environments are linked for "DEMF and USMF"
    And the table maps "Customer groups" run
    When cdm_company "USMF" is changed in Dataverse:
      | cdm_defaultowningteam |
      | (empty)               |
    Then it is refused with "SIM-OWNING-TEAM-NOT-CLEARED"
    When cdm_company "USMF" is changed in Dataverse:
      | cdm_defaultowningteam |
      | DEMF Dual Write       |
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then msdyn_customergroup "10" of USMF has:
      | ownerid         |
      | DEMF Dual Write |

  @B93 @decision-6
  Scenario: initial sync and live sync choose different teams
    Given both environments are linked for "USMF"
    And F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    When the table map "Customer groups" is run with initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 20              | Retail      |
    Then msdyn_customergroup "10" of USMF has:
      | ownerid | modifiedby                |
      | USMF    | DualWrite IntegrationUser |
    And msdyn_customergroup "20" of USMF has:
      | ownerid         |
      | USMF Dual Write |
