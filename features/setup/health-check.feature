Feature: The prerequisite health check
  Six named checks ask whether both sides can work with each other. The newest pages keep three of them; the others are
  run all the same and shown only when they fail.

  Background:
    Given an existing F&O environment
    And an existing Dataverse environment
    And both sides have granted each other access

  @2020-10 @decision-24
  Scenario: the older pages show all six
    Then every health check passes
    And the health check shows "H1, H2, H3, H4, H5 and H6"

  @2026 @decision-24
  Scenario: the newest pages show three, and the others when they fail
    Then every health check passes
    And the health check shows "H3, H4 and H5"
    Given a step of the plug-in assembly "DualWriteRuntime.Plugins" is disabled
    Then the health check shows "H3, H4, H5 and H6"

  @2020-10 @B24
  Scenario: below core solution 1.0.16.0 the older application is asked for
    Then the health check "H5" prints:
      """
      Apps in tenant
      The required dual-write applications need to be installed in the tenant.
      App ID: 33976c19-1db5-4c02-810e-c243db79efde
      App ID: 2e49aa60-1bd3-43b6-8ab6-03ada3d9f08b
      """

  @2026 @B24
  Scenario: from core solution 1.0.16.0 on the newer application is asked for
    Then the health check "H5" prints:
      """
      Apps in tenant
      The required dual-write applications need to be installed in the tenant.
      App ID: 6f7d0213-62b1-43a8-b7f4-ff2bb8b7b452
      App ID: 2e49aa60-1bd3-43b6-8ab6-03ada3d9f08b
      """
