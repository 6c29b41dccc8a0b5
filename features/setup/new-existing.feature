# Tells section new-existing of the guidance for dual-write set-up in our words.
Feature: New F&O without data, existing Dataverse
  A sales team has kept accounts in Dataverse for years; F&O is about to be introduced. Lifecycle Services connects an
  empty F&O with what there is. The accounts belong to no company yet, so nothing of them crosses until a company is
  created in F&O, added to the link and given to the rows.

  @2020-10 @2026 @B2 @B4
  Scenario: existing accounts become customers of a new company
    Given the scenario "new-existing"
    And its F&O is new
    And its Dataverse is existing
    And its F&O holds no data before the set-up
    And its Dataverse holds data before the set-up
    When it is carried out
    Then Lifecycle Services made the link
    And the CRM prime solution is not installed
    And the link holds the legal entities "DAT and USMF"
    And Dataverse has a company row with its business unit and team for each of them
    And every table map that may run is running
    And initial sync ran without an error
    And every exported row was inserted, updated, unchanged or reported as failed
    And initial sync of "Customers V3 (accounts)" brought 3 rows to F&O
    And company USMF has as many rows of CustomersV3 as of account
    And company USMF has as many rows of CustomerGroups as of msdyn_customergroup
    And rows of account without a company stayed in Dataverse alone
    And a row saved in F&O arrived on the other side
    And account "CE-500" of USMF has:
      | creditlimit |
      | 9000        |
    And a row saved in Dataverse arrived on the other side
    And CustomersV3 "CE-501" of USMF has:
      | SalesMemo        |
      | Called on Monday |
    And a row saved in Dataverse stayed there
    And a save was refused because "Unable to lookup msdyn_customergroups with values {NOPE,"
    And the refused save left both sides as they were
    And the end state is what the scenario expects
    And the end state is as recorded
