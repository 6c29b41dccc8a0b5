Feature: What older pages allow at set-up and newer ones do not
  Cloud-hosted environments were connected to a new Dataverse, and support linked environments anew. Newer pages took both
  back.

  @2026
  Scenario: a cloud-hosted F&O is not supported any more
    Given no Dataverse environment
    And F&O is a cloud-hosted environment
    When Setup connects a new Dataverse of the template "standard-with-dual-write"
    Then it is refused with "SIM-CLOUD-HOSTED-UNSUPPORTED"

  @2020-10
  Scenario: a cloud-hosted F&O is connected to a new Dataverse only
    Given an existing Dataverse environment
    And F&O is a cloud-hosted environment
    When Setup connects the existing Dataverse
    Then it is refused with "SIM-CLOUD-HOSTED-NEW-ONLY"

  @2020-10
  Scenario: a cloud-hosted F&O is connected while it is deployed
    Given no Dataverse environment
    And F&O is a cloud-hosted environment
    When Setup connects a new Dataverse of the template "standard-with-dual-write"
    Then it is done
    And Lifecycle Services shows "Connected"

  @2026
  Scenario: support links nothing anew any more
    Given both environments are linked for "USMF"
    When support links the environments anew for "USMF"
    Then it is refused with "SIM-SUPPORT-NO-RELINK"

  @2020-10
  Scenario: support links the environments anew, and nothing of the old link is left
    Given both environments are linked for "USMF"
    And the table map "Customer groups" runs
    When support links the environments anew for "USMF"
    Then it is done
    And the environments are linked
    And the link holds 1 legal entity
    And no table map is published
