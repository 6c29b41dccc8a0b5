# Tells section new-new of the guidance for dual-write set-up in our words.
Feature: New F&O without data, new Dataverse
  Nothing exists yet. Lifecycle Services makes both environments and connects them on its own, so that a company
  that starts from nothing can work in both from the first day.

  @2020-10 @2026 @B1 @B2 @decision-1
  Scenario: both environments are ready for live data
    Given the scenario "new-new"
    And its F&O is new
    And its Dataverse is new
    And its F&O holds no data before the set-up
    When it is carried out
    Then Lifecycle Services made the link
    And the CRM prime solution is installed
    And the link holds the legal entities "DAT"
    And Dataverse has a company row with its business unit and team for each of them
    And every table map that may run is running
    And no initial sync has run
    And a row saved in F&O arrived on the other side
    And a row saved in Dataverse arrived on the other side
    And company DAT has as many rows of CustomerGroups as of msdyn_customergroup
    And CustomerGroups has 2 rows
    And a save was refused because "Unable to lookup msdyn_customergroups with values {80,"
    And the refused save left both sides as they were
    And CustomersV3 has 0 rows
    And account has 0 rows
    And the end state is what the scenario expects
    And the end state is as recorded
