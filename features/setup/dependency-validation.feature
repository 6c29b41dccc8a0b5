@2026
Feature: Dependency validation of the health check
  After the prerequisites the health check looks at connections, configuration and business units. It is not run while a
  prerequisite fails.

  Background:
    Given both environments are linked for "DEMF and USMF"

  Scenario: a link as it was made has nothing to be found
    Then the health check finds nothing

  @B32
  Scenario Outline: a connection was deleted in the maker portal (<side>)
    Given the connection to <side> was deleted
    Then the health check finds "<code>"
    When Reset link is done for "DEMF and USMF"
    Then the health check finds nothing

    Examples:
      | side      | code       |
      | Dataverse | DWDVEV1001 |
      | F&O       | DWFOEV1001 |

  @B33
  Scenario: a linked legal entity has no row in Dataverse
    Given the company row DEMF is missing in Dataverse
    Then the health check finds "DWDVEV1003" naming "DEMF"

  Scenario: a linked legal entity is gone from F&O
    Given the legal entity DEMF is gone from F&O
    Then the health check finds "DWFOEV1003" naming "DEMF"

  @B34
  Scenario: a company has no default owning team
    Given the company USMF has no default owning team
    Then the health check finds "DWDVEV1007" naming "USMF"

  @B35
  Scenario: a default team was renamed after linking
    Given the default team of the business unit USMF is renamed
    Then the health check finds "DWFOEV1006" naming "Renamed"

  @B36
  Scenario: while a prerequisite fails dependencies are not validated
    Given the company USMF has no default owning team
    And the client id "2e49aa60-1bd3-43b6-8ab6-03ada3d9f08b" is missing in F&O
    Then dependencies are not validated
