@2026
Feature: Permissions right after set-up

  @L2 @L33
  Scenario: a default owning team without a role cannot own rows
    Given an existing Dataverse environment
    And legal entities "USMF" in F&O
    And new owner teams get no role
    When Setup connects the existing Dataverse
    And dual-write is configured in Lifecycle Services
    And the environments are linked from Lifecycle Services
    And the solutions are applied
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then it is refused with "PERM-PRIVILEGE"
    And the refusal names "is missing prvReadmsdyn_customergroup privilege"
    And CustomerGroups has 0 rows

  Scenario: users of dual-write tables need the roles of dual-write
    Given both environments are linked for "USMF"
    And the table maps "Customer groups" run
    And the person has only the Dataverse roles "table-access"
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    Then it is refused with "PERM-PRIVILEGE"
    Given the person has only the Dataverse roles "table-access, dual-write-runtime-user, dual-write-app-user"
    When these msdyn_customergroup rows of USMF are saved in Dataverse:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    Then the save reached the other side

  Scenario: without the application users Dataverse takes nothing
    Given both environments are linked for "USMF"
    And the table maps "Customer groups" run
    And the application users are missing in Dataverse
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then it is refused with "LIVE-E1"
    And the refusal names "The user is not a member of the organization."
