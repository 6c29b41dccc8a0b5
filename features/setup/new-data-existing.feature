# Tells section new-data-existing of the guidance for dual-write set-up in our words.
Feature: New F&O with data, existing Dataverse
  Both sides bring data that has never met. It travels in two passes: first from F&O for DAT, then the accounts of
  Dataverse, which are given a company of their own before they can follow the other way.

  @2020-10 @2026 @B6
  Scenario: each side receives what the other brings
    Given the scenario "new-data-existing"
    And its F&O is new
    And its F&O holds data before the set-up
    And its Dataverse is existing
    And its Dataverse holds data before the set-up
    When it is carried out
    Then Lifecycle Services made the link
    And the CRM prime solution is not installed
    And the link holds the legal entities "DAT and USMF"
    And Dataverse has a company row with its business unit and team for each of them
    And every table map that may run is running
    And initial sync ran without an error
    And every exported row was inserted, updated, unchanged or reported as failed
    And initial sync of "Customers V3 (accounts)" brought rows to Dataverse
    And company DAT has as many rows of CustomerGroups as of msdyn_customergroup
    And initial sync of "Customers V3 (accounts)" brought 3 rows to F&O
    And company USMF has as many rows of CustomersV3 as of account
    And rows of account without a company stayed in Dataverse alone
    And a row saved in F&O arrived on the other side
    And account "CE-500" of USMF has:
      | creditlimit |
      | 9000        |
    And a row saved in Dataverse arrived on the other side
    And CustomersV3 "CE-501" of USMF has:
      | SalesMemo        |
      | Called on Monday |
    And a save was refused because "Unable to lookup msdyn_customergroups with values {NOPE,"
    And the refused save left both sides as they were
    And the end state is what the scenario expects
    And the end state is as recorded
