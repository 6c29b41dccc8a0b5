@2026
Feature: Reset link
  From platform update 54 on Reset link stands in place of Link and Unlink. It takes everything of the link away and makes
  a new one with the Dataverse that Lifecycle Services names.

  Background:
    Given both environments are linked for "USMF"
    And F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    When the table map "Customer groups" is run with initial sync
    Then the table map "Customer groups" is Running
    And the configuration tables of F&O hold rows
    And the configuration tables of Dataverse hold rows

  @B20
  Scenario: the page offers Reset link and says so
    Then the page offers the buttons "Reset link"
    And the page shows the banner:
      """
      The 'link' and 'Unlink' buttons have been replaced with the 'reset link' button.
      """

  @B37 @decision-4
  Scenario: running maps have to be stopped, or Force Reset ticked
    When Reset link is opened
    Then Reset link shows Force Reset
    When Reset link is done for "USMF"
    Then it is refused with "SIM-MAPS-RUNNING"
    When Reset link is done for "USMF" without Acknowledge Reset
    Then it is refused with "SIM-RESET-NOT-ACKNOWLEDGED"
    And the table map "Customer groups" is Running
    When Reset link is done for "USMF" with Force Reset
    Then it is done
    And no table map is published

  @B38 @decision-39
  Scenario: everything of the link is gone, business rows are not
    When the table map "Customer groups" is stopped
    And Reset link is done for "USMF"
    Then no table map is published
    And the history of initial sync is empty
    And the configuration tables of F&O hold 0 rows
    And the configuration tables of Dataverse hold 0 rows
    And the link holds the legal entities "USMF"
    And there is msdyn_customergroup "10" of USMF
    And there is CustomerGroups "10" of USMF
    When the solutions are applied
    Then every table map is Not running

  @B39
  Scenario: without a Dataverse in Lifecycle Services the wizard cannot go on
    Given Lifecycle Services names no Dataverse environment
    When Reset link is opened
    Then it is refused with "SIM-RESET-NO-DATAVERSE"
    When Reset link is done for "USMF" with Force Reset
    Then it is refused with "SIM-RESET-NO-DATAVERSE"

  @B18
  Scenario: dual-write and Lifecycle Services name different environments
    Given the tenant has another Dataverse environment "Fabrikam Sales"
    And Lifecycle Services names the Dataverse environment "Fabrikam Sales"
    Then the page warns:
      """
      Microsoft detected that your environment is linked via dual-write to a different destination than specified in Power Platform Integration, which isn't recommended.
      """
    And Reset link shows "Contoso Sales" and "Fabrikam Sales"
    When Reset link is done for "USMF" with Force Reset
    Then the environments are linked with "Fabrikam Sales"
    And the page does not warn

  Scenario: a cloud-hosted F&O refreshes the same connection
    Given F&O is a cloud-hosted environment
    And the tenant has another Dataverse environment "Fabrikam Sales"
    And Lifecycle Services names the Dataverse environment "Fabrikam Sales"
    Then Reset link shows "Contoso Sales" alone
    When Reset link is done for "USMF" with Force Reset
    Then the environments are linked with "Contoso Sales"

  @B41 @L51
  Scenario: a copied Dataverse refuses saves until its runtime configuration is deleted
    Given the Dataverse environment was copied
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 20            | Retail            |
    Then it is refused with "LIVE-E7"
    And the refusal names "SecureConfig Organization ("
    And the health check finds "DWDVEV1004"
    When the configuration rows of Dataverse are deleted
    And these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 20            | Retail            |
    Then it is done

  Scenario: while the linked Dataverse is gone a map cannot be stopped
    Given the linked Dataverse cannot be reached
    When the table map "Customer groups" is stopped
    Then it is refused with "E12"
    And the refusal names "Error from token exchange: User is not allowed to access connection dynamicscrmonline/"
    When support sets the table map "Customer groups" to Not running
    Then the table map "Customer groups" is Not running

  @B19
  Scenario: Dataverse knows its F&O environment while both are integrated
    When Dataverse is asked for its F&O environment
    Then Dataverse answers with the URL, the tenant and the id of F&O

  @B31
  Scenario: only the person who linked adds table maps, any administrator runs them
    When "Blake Brown" signs in as another administrator
    And the table map "prospects-leads" is added
    Then it is refused with "E8" and the words:
      """
      Response status code does not indicate success: 401 (Unauthorized).
      """
    When the table map "Customer groups" is stopped
    And the columns "Description" are taken out of the table map "Customer groups"
    And the table map "Customer groups" is run without initial sync
    Then the table map "Customer groups" is Running
