@2026
Feature: The Run dialog
  Run shows the map together with everything it depends on, in an order the system supplies. Lines can be unticked and
  dragged into another order.

  Background:
    Given both environments are linked for "USMF"

  @B72
  Scenario: the dialog lists related maps; one that is unticked stays Not running
    When the Run dialog of "Customer groups" is opened
    Then the dialog lists the table maps:
      | Terms of payment               |
      | Legal entities (cdm_companies) |
      | Customer groups                |
    When the Run dialog of "Customer groups" is run in the order:
      | map                            | ticked |
      | Legal entities (cdm_companies) | yes    |
      | Terms of payment               | no     |
      | Customer groups                | yes    |
    Then the table map "Customer groups" is Running
    And the table map "Terms of payment" is Not running

  @B73
  Scenario: executions start in the order of the lines
    When the Run dialog of "Customer groups" is run in the order:
      | map                            |
      | Customer groups                |
      | Legal entities (cdm_companies) |
      | Terms of payment               |
    Then the initial syncs ran in the order:
      | Customer groups                |
      | Legal entities (cdm_companies) |
      | Terms of payment               |

  @B74
  Scenario: maps that need each other are each listed once
    When the Run dialog of "Contacts V2 (msdyn_contactforparties)" is opened
    Then the dialog lists every table map once, "Contacts V2 (msdyn_contactforparties)" last

  @B75
  Scenario: a map cannot start while the lookup metadata of a map it depends on is missing
    Given the lookup metadata of msdyn_customergroup is missing
    When the table map "Customers V3 (accounts)" is run with initial sync
    Then it is refused with "M1" and the words:
      """
      Unable to complete initial data sync. Error: dual-write failure - plugin registration failed: Unable to build dual-write lookup metadata. Error object reference not set to an instance of an object.
      """
    And the table map "Customers V3 (accounts)" is Not running
    Given the table map "Customer groups" runs
    When the table map "Customers V3 (accounts)" is run with initial sync
    Then it is done

  @B75
  Scenario: Refresh tables brings the metadata back
    Given the lookup metadata of msdyn_customergroup is missing
    When the tables are refreshed
    And the table map "Customers V3 (accounts)" is run with initial sync
    Then it is done

  @decision-50
  Scenario: of two administrators who start a map at once the second is answered with an error
    When the initial sync of "Customer groups" begins
    Then the table map "Customer groups" is Initializing
    And the last request for "Customer groups" is waiting
    When the initial sync of "Customer groups" begins
    Then it is refused with "possible now: nothing"
    And the last request for "Customer groups" is error
    When the initial sync of "Customer groups" ends
    Then the table map "Customer groups" is Running

  @B45
  Scenario: legal entities cannot change while a map is in initial write
    Given legal entities "NEW" in F&O
    When the initial sync of "Customer groups" begins
    And the legal entity NEW is added to the link
    Then it is refused with "SIM-LEGAL-ENTITIES-LOCKED"
    When the legal entity USMF is removed from the link
    Then it is refused with "SIM-LEGAL-ENTITIES-LOCKED"
    When the initial sync of "Customer groups" ends
    And the legal entity NEW is added to the link
    Then the link holds the legal entities "NEW and USMF"

  @decision-33
  Scenario: what is saved while a map initializes is missed, and said
    When the initial sync of "Customer groups" begins
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And the initial sync of "Customer groups" ends
    Then 1 row was missed
    And there is no msdyn_customergroup "10" of USMF

  Scenario: the log of initial sync has the documented words
    Given F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    When the table map "Customer groups" is run with initial sync
    Then the log of initial sync of "Customer groups" says:
      """
      Dual write Initial Sync completed with status: Completed. Following are the details:
      Executed leg: From AX Customer groups to CRM msdyn_customergroups with exported records count: 1, ImportRecordsErrorCount: 0, ImportRecordsInsertedCount: 1 and ImportRecordsUpdatedCount: 0
      Executed leg: From CRM msdyn_customergroups to AX Customer groups with exported records count: 0, ImportRecordsErrorCount: 0, ImportRecordsInsertedCount: 0 and ImportRecordsUpdatedCount: 0
      """

  Scenario: the activity log tells the life of a map
    When the columns "Description" are taken out of the table map "Customer groups"
    And the table map "Customer groups" is run with initial sync
    And the table map "Customer groups" is paused
    Then the activity log of "Customer groups" says:
      """
      Mapping created
      Column mapping updated
      Run with initial sync: Not running to Initializing
      Initial sync ended without errors: Initializing to Running
      Pause: Running to Paused
      """
