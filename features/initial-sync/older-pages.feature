@2020-10
Feature: Initial sync in the older pages
  What the pages of October 2020 say otherwise than the newest.

  Background:
    Given both environments are linked for "USMF"
    And F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |

  Scenario: in the older pages a run pushes everything, tracked or not
    Given change tracking of CustomerGroups is on
    When the table map "Customer groups" is run with initial sync
    And the table map "Customer groups" is stopped
    And the table map "Customer groups" is run with initial sync
    Then initial sync moved:
      | into      | exported |
      | Dataverse | 1        |
