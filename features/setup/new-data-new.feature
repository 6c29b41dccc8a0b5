# Tells section new-data-new of the guidance for dual-write set-up in our words.
Feature: New F&O with data, new Dataverse
  F&O was deployed with data, Dataverse comes into being during the set-up. The link is made as for an empty F&O, for
  DAT alone. Whoever wants the data in Dataverse opens the Dual-write page and runs initial sync.

  @2020-10 @2026 @B5
  Scenario: what F&O has for DAT is copied into an empty Dataverse
    Given the scenario "new-data-new"
    And its F&O is new
    And its F&O holds data before the set-up
    And its Dataverse is new
    When it is carried out
    Then Lifecycle Services made the link
    And the CRM prime solution is installed
    And the link holds the legal entities "DAT"
    And Dataverse has a company row with its business unit and team for each of them
    And every table map that may run is running
    And initial sync ran without an error
    And every exported row was inserted, updated, unchanged or reported as failed
    And initial sync of "Customer groups" brought rows to Dataverse
    And initial sync of "Customers V3 (accounts)" brought rows to Dataverse
    And initial sync of "Customers V3 (accounts)" brought 0 rows to F&O
    And company DAT has as many rows of CustomerGroups as of msdyn_customergroup
    And company DAT has as many rows of VendorsV2 as of msdyn_vendor
    And no row of account is without a company
    And a row saved in F&O arrived on the other side
    And a row saved in Dataverse arrived on the other side
    And a row saved in F&O stayed there
    And a save was refused because "Unable to lookup msdyn_customergroups with values {NOPE,"
    And the refused save left both sides as they were
    And the end state is what the scenario expects
    And the end state is as recorded
