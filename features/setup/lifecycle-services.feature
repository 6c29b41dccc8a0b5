@2026
Feature: Setting dual-write up from Lifecycle Services
  Setup connects Dataverse, Configure brings the applications and packages, Link makes the link. A step that fails can be
  resumed; what is connected cannot be taken back.

  @B9 @limit-P1 @decision-3
  Scenario Outline: Setup needs a gigabyte of free capacity (<free> MB)
    Given an existing Dataverse environment
    And the tenant has <free> MB of free Dataverse capacity
    When Setup connects the existing Dataverse
    Then <outcome>
    And Lifecycle Services shows "<state>"

    Examples:
      | free | outcome                               | state     |
      | 999  | it is refused with "SIM-LCS-CAPACITY" | Failed    |
      | 1000 | it is done                            | Connected |

  @B9
  Scenario: Resume finishes the set-up once there is capacity
    Given an existing Dataverse environment
    And the tenant has 999 MB of free Dataverse capacity
    When Setup connects the existing Dataverse
    Then it is refused with "SIM-LCS-CAPACITY"
    When Resume is selected
    Then it is refused with "SIM-LCS-CAPACITY"
    When the free Dataverse capacity is raised to 1000 MB
    And Resume is selected
    Then it is done
    And Lifecycle Services shows "Connected"

  @B10 @decision-3
  Scenario: somebody without a licence cannot connect an existing Dataverse
    Given an existing Dataverse environment
    And the person holds no licence
    When Setup connects the existing Dataverse
    Then it is refused with "SIM-LCS-LICENCE"
    And Lifecycle Services shows "Not connected"

  @decision-3
  Scenario Outline: who may set up (<who>)
    Given an existing Dataverse environment
    And <who>
    When Setup connects the existing Dataverse
    Then it is refused with "<code>"
    And Lifecycle Services shows "Not connected"

    Examples:
      | who                                                              | code                    |
      | the person is "Team Member" in the project of Lifecycle Services | SIM-LCS-ROLE            |
      | the person signs in from another tenant                          | SIM-LCS-TENANT          |
      | the person is no administrator of Dataverse                      | SIM-LCS-DATAVERSE-ADMIN |

  @decision-3
  Scenario: where not everybody may create environments, an administrator has to
    Given an existing Dataverse environment
    And only administrators may create environments
    And the person is no Power Platform administrator
    When Setup connects the existing Dataverse
    Then it is refused with "SIM-LCS-CREATE-ROLE"

  @B11 @decision-45
  Scenario: F&O in West US does not connect to a Dataverse in Europe
    Given F&O stands in the region "West US"
    And an existing Dataverse environment in "Europe"
    When Setup connects the existing Dataverse
    Then it is refused with "SIM-LCS-GEO"
    And the refusal names "United States"
    And Lifecycle Services shows "Not connected"

  @B12
  Scenario: nothing starts until the person's own name is typed
    Given an existing Dataverse environment
    When Setup connects the existing Dataverse and "Somebody Else" is typed to confirm
    Then it is refused with "SIM-LCS-NAME-NOT-TYPED"
    And Lifecycle Services shows "Not connected"
    When Setup connects the existing Dataverse without agreeing to the terms
    Then it is refused with "SIM-LCS-TERMS-NOT-ACCEPTED"
    And Lifecycle Services shows "Not connected"

  @B13 @decision-41
  Scenario: the standard template brings the platform and no table map
    Given a new F&O environment
    And no Dataverse environment
    When Setup connects a new Dataverse of the template "standard"
    And dual-write is configured in Lifecycle Services
    And the environments are linked from Lifecycle Services
    Then the environments are linked
    And no table map is published
    And the health check shows "H3, H4, H5"

  @B14
  Scenario: what is connected stays connected
    Given an existing Dataverse environment
    When Setup connects the existing Dataverse
    And Setup connects a new Dataverse of the template "standard"
    Then it is refused with "SIM-LCS-IRREVERSIBLE"
    And Lifecycle Services shows "Connected"

  @B15
  Scenario: linking without the application users in Dataverse
    Given an existing Dataverse environment
    When Setup connects the existing Dataverse
    And dual-write is configured in Lifecycle Services
    Given the application users are missing in Dataverse
    When the environments are linked from Lifecycle Services
    Then it is refused with "DW9003-CRM" and the words:
      """
      Failed to connect to CRM. Ensure that the service principal has the correct permissions to access CRM.
      """
    And the environments are not linked

  @B16
  Scenario: linking without the client ids in F&O
    Given an existing Dataverse environment
    When Setup connects the existing Dataverse
    And dual-write is configured in Lifecycle Services
    Given the client id "2e49aa60-1bd3-43b6-8ab6-03ada3d9f08b" is missing in F&O
    When the environments are linked from Lifecycle Services
    Then it is refused with "DW9003-AX" and the words:
      """
      Failed to connect to AX. Ensure that the service principal has the correct permissions to access AX.
      """
    And the environments are not linked

  @B17
  Scenario: nothing is linked before dual-write is configured
    Given an existing Dataverse environment
    When Setup connects the existing Dataverse
    And the environments are linked from Lifecycle Services
    Then it is refused with "SIM-LCS-STATE"
    And the environments are not linked

  @B7 @decision-2 @decision-26
  Scenario: existing F&O is linked with every company, and a company can leave the link
    Given an existing F&O environment
    And legal entities "CCCC, AAAA and BBBB" in F&O
    When Setup connects a new Dataverse of the template "standard-with-dual-write"
    And dual-write is configured in Lifecycle Services
    And the environments are linked from Lifecycle Services
    And the solutions are applied
    Then the link holds the legal entities "AAAA, BBBB, CCCC and DAT"
    And every table map is Not running
    When the legal entity CCCC is removed from the link
    And the table map "Customer groups" is run with initial sync
    Then 3 initial syncs have run

  @limit-L12-configure @limit-L12-link
  Scenario: configuring takes half an hour, linking five minutes
    Given an existing Dataverse environment
    When Setup connects the existing Dataverse
    And dual-write is configured in Lifecycle Services
    Then it took 30 minutes
    When the environments are linked from Lifecycle Services
    Then it took 5 minutes
    And the environments are linked

  @limit-PROVISION-NEW-DATAVERSE
  Scenario: a new Dataverse takes ten minutes
    Given a new F&O environment
    And no Dataverse environment
    When Setup connects a new Dataverse of the template "standard"
    Then it took 10 minutes

  @limit-CONNECT-EXISTING-DATAVERSE
  Scenario: connecting one that exists takes five
    Given an existing Dataverse environment
    When Setup connects the existing Dataverse
    Then it took 5 minutes
