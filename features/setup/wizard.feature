@2020-10
Feature: The wizard of the Dual-write page
  Existing environments of October 2020 are linked from F&O: choose the environment, choose legal entities, pass the
  health check, create. After a failing check is mended the whole wizard is run again.

  Background:
    Given an existing F&O environment
    And an existing Dataverse environment
    And legal entities "USMF and DEMF" in F&O

  @decision-43
  Scenario: the wizard links when every check passes
    Given both sides have granted each other access
    When the wizard links "USMF and DEMF"
    Then the environments are linked
    And the link holds the legal entities "DEMF and USMF"

  @B22 @decision-24
  Scenario: a client id that F&O does not know blocks the wizard
    Given both sides have granted each other access
    And the client id "2e49aa60-1bd3-43b6-8ab6-03ada3d9f08b" is missing in F&O
    When the wizard links "USMF"
    Then it is refused with "E16"
    And the health check "H3" fails and all others pass
    And the environments are not linked

  @B23
  Scenario: a disabled plug-in step fails its check
    Given both sides have granted each other access
    And a step of the plug-in assembly "DualWriteRuntime.Plugins" is disabled
    When the wizard links "USMF"
    Then it is refused with "E16"
    And the health check "H6" fails and all others pass

  @B25
  Scenario: two companies of the same name in Dataverse
    Given both sides have granted each other access
    And Dataverse has these cdm_company rows:
      | cdm_companycode | cdm_name |
      | AAAA            | Contoso  |
      | BBBB            | Contoso  |
    When the wizard links "USMF"
    Then it is refused with "E2" and the words:
      """
      Saving connection set failed! An item with the same key has already been added.
      """
    And the environments are not linked

  @B26
  Scenario: a company without a name in Dataverse
    Given both sides have granted each other access
    And Dataverse has these cdm_company rows:
      | cdm_companycode | cdm_name |
      | AAAA            |          |
    When the wizard links "USMF"
    Then it is refused with "E2"
    And the environments are not linked

  @B27
  Scenario: the legal entities of an F&O whose schema was never made cannot be fetched
    Given both sides have granted each other access
    And Data management of F&O was never opened
    When the wizard links "USMF"
    Then it is refused with "E6"
    When Data management of F&O is opened
    And the wizard links "USMF"
    Then the environments are linked

  @B28
  Scenario: without a Power Apps licence no connection can be made
    Given both sides have granted each other access
    And the person has no Power Apps licence
    When the wizard links "USMF"
    Then it is refused with "E5" and the words:
      """
      Failed to setup dual write environment. Error Details:Response status code does not indicate success: 403 (Forbidden).
      """
    And the environments are not linked
    When the person gets a Power Apps licence
    And the wizard links "USMF"
    Then the environments are linked

  @decision-25
  Scenario: linking takes a system administrator of both sides
    Given both sides have granted each other access
    And the person is no administrator of F&O
    When the wizard links "USMF"
    Then it is refused with "E7"
    And the environments are not linked

  @B42
  Scenario: Prospect-to-Cash has to go first
    Given both sides have granted each other access
    And the solution "prospect-to-cash" is installed
    When the wizard links "USMF"
    Then it is refused with "SIM-PROSPECT-TO-CASH"

  @B53
  Scenario: table maps appear with Apply Solution, each Not running
    Given both sides have granted each other access
    And the packages "application-core" are installed
    When the wizard links "USMF"
    Then no table map is published
    When the solutions are applied
    Then 12 table maps are published
    And every table map is Not running

  @B54
  Scenario: a package asks for those it depends on
    Given both sides have granted each other access
    When the package "finance" is installed
    Then it is refused with "SIM-PACKAGE-DEPENDENCY"
    And the refusal names "Application Core"

  @limit-L4-link
  Scenario Outline: the older pages limit the link itself (<number> besides DAT)
    Given <number> legal entities in F&O
    And both sides have granted each other access
    When the wizard links every legal entity
    Then <outcome>

    Examples:
      | number | outcome                 |
      | 39     | it is done              |
      | 40     | it is refused with "E1" |
