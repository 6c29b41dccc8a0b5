# Tells section existing-new of the guidance for dual-write set-up in our words. The pages of October 2020
# start from the F&O environment, those of 2026 from Lifecycle Services.
Feature: Existing F&O, new Dataverse
  F&O has been in use with several companies. All of them are linked with a Dataverse that is made for it, and initial
  sync copies their data. Table maps do not start by themselves.

  Scenario Outline: every company of F&O is copied into a new Dataverse (profile <profile>)
    Given the scenario "existing-new"
    And its F&O is existing
    And its F&O holds data before the set-up
    And its Dataverse is new
    When it is carried out
    Then <who> made the link
    And the link holds every legal entity of F&O
    And the link holds the legal entities "DAT, DEMF and USMF"
    And Dataverse has a company row with its business unit and team for each of them
    And every table map that may run is running
    And initial sync ran without an error
    And every exported row was inserted, updated, unchanged or reported as failed
    And initial sync of "Customers V3 (accounts)" brought rows to Dataverse
    And initial sync of "Customers V3 (accounts)" brought 0 rows to F&O
    And company USMF has as many rows of CustomerGroups as of msdyn_customergroup
    And company DEMF has as many rows of CustomerGroups as of msdyn_customergroup
    And company USMF has as many rows of VendorsV2 as of msdyn_vendor
    And no row of account is without a company
    And a row saved in F&O arrived on the other side
    And a row saved in Dataverse arrived on the other side
    And a save was refused because "Unable to lookup msdyn_customergroups with values {NOPE,"
    And the refused save left both sides as they were
    And the end state is what the scenario expects
    And the end state is as recorded

    @2020-10
    Examples:
      | profile | who               |
      | 2020-10 | the wizard in F&O |

    @2026
    Examples:
      | profile | who                |
      | 2026    | Lifecycle Services |
