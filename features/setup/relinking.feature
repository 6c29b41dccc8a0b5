@2020-10
Feature: Unlinking, relinking and other environments
  Before Reset link a link was taken apart by hand: stop the maps, unlink, delete the rows of the configuration tables. Who
  leaves them behind is answered with errors whose cause is hard to see.

  Background:
    Given an existing F&O environment
    And an existing Dataverse environment
    And legal entities "USMF" in F&O
    And both sides have granted each other access
    And the packages "application-core, finance" are installed

  @B20
  Scenario: before platform update 54 the page has Link and Unlink
    Given F&O is at platform update 33
    Then the page offers the buttons "New link to environment"
    When the wizard links "USMF"
    Then the page offers the buttons "Unlink environment"

  @B21
  Scenario: the wizard offers the environments the person administers
    Given the tenant has another Dataverse environment "Fabrikam Sales" that somebody else administers
    Then the wizard offers the environments "Contoso Sales"
    When the wizard links "USMF" with the environment "Fabrikam Sales"
    Then it is refused with "SIM-NO-DATAVERSE"

  @B30 @limit-L15
  Scenario: an environment is linked once
    Given the tenant has another Dataverse environment "Fabrikam Sales" that is linked to "Fabrikam"
    When the wizard links "USMF" with the environment "Fabrikam Sales"
    Then it is refused with "SIM-ALREADY-LINKED"
    When the wizard links "USMF"
    Then the environments are linked with "Contoso Sales"
    Given the tenant has another Dataverse environment "Third Sales"
    When the wizard links "USMF" with the environment "Third Sales"
    Then it is refused with "SIM-ALREADY-LINKED"
    And the environments are linked with "Contoso Sales"

  @B29
  Scenario: F&O of another tenant cannot be discovered
    Given F&O belongs to another tenant
    When the wizard links "USMF"
    Then it is refused with "E4"
    And the refusal names "is not discoverable."

  Scenario: nobody consented to the application of the older core solution
    Given no tenant administrator has consented to the applications
    When the wizard links "USMF"
    Then it is refused with "E3" and the words:
      """
      Response status code does not indicate success: 404 (Not Found).
      """

  @B19
  Scenario: a Dataverse that is not integrated has no F&O environment
    When Dataverse is asked for its F&O environment
    Then it is refused with "0x80048d0b" and the words:
      """
      Dataverse instance isn't integrated with finance and operations.
      """

  @B40
  Scenario: relinking to another Dataverse without cleaning up
    When the wizard links "USMF"
    And the solutions are applied
    And the table map "Customer groups" is run without initial sync
    And the environments are unlinked
    Then it is refused with "SIM-MAPS-RUNNING"
    When the table map "Customer groups" is stopped
    And the environments are unlinked
    Then the environments are not linked
    And the configuration tables of F&O hold rows
    Given the tenant has another Dataverse environment "Fabrikam Sales"
    When the wizard links "USMF" with the environment "Fabrikam Sales"
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then it is refused with "LIVE-E5"
    And the refusal names "Unable to generate payload for entity"
    And the journal notes "LIVE-E5-VERBOSE"
    And the health check finds "DWFOEV1004" naming "DualWriteProjectConfiguration"
    When the configuration rows of F&O are deleted
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then it is done

  @2020-10
  Scenario: a link the wizard made is unknown to Lifecycle Services
    When the wizard links "USMF"
    Then the page warns:
      """
      Microsoft has detected that your environment is linked via Dual-write to a different destination than specified in Power Platform Integration, which is not recommended.
      """
