@2026
Feature: Parties, addresses and contacts
  Parties are global; contacts belong to a company when they are a customer's or vendor's. What is not exported leaves
  addresses without their party.

  Background:
    Given both environments are linked for "USMF"

  @B102
  Scenario: the address of an operating unit finds no party
    Given F&O has these CDSParties rows:
      | PartyNumber | PartyType     | OrganizationName |
      | P1          | Organization  | Contoso          |
      | P2          | OperatingUnit | Plant 1          |
    And F&O has these PartyContactsV3 rows:
      | PartyNumber | ElectronicAddressId | Locator       | Type  |
      | P1          | E1                  | a@example.com | Email |
      | P2          | E2                  | b@example.com | Email |
    When the table map "CDS Parties" is run with initial sync
    Then there is msdyn_party "P1"
    And there is no msdyn_party "P2"
    When the table map "Party contacts V3" is run with initial sync
    Then row "P2,E2" failed with "I5" and the words:
      """
      Party number couldn't be found in Dataverse.
      """
    And row "P1,E1" did not fail

  @B103
  Scenario: a time of day leaves F&O as text
    Given F&O has these CDSParties rows:
      | PartyNumber | PartyType    | OrganizationName |
      | P1          | Organization | Contoso          |
    Given F&O has these ContactPersons rows of USMF:
      | ContactPersonId | AssociatedPartyNumber | AvailableFromTime |
      | C1              | P1                    | 08:00:00          |
      | C2              | P1                    |                   |
    When the table map "CDS Parties" is run with initial sync
    And the table map "Contacts V2 (msdyn_contactforparties)" is run with initial sync
    Then row "C1" failed with "I8" and the words:
      """
      Cannot convert the literal '08:00:00' to the expected type edm.int32
      """
    And row "C2" did not fail

  @B52 @decision-48
  Scenario: a contact person without a company is nobody's customer and stays
    Given Dataverse has these contact rows:
      | firstname | lastname | msdyn_contactpersonid |
      | Ann       | Lee      | CP1                   |
    When the table map "Customers V3 (contacts)" is run with initial sync
    Then initial sync moved:
      | legal entity | into | exported |
      | USMF         | F&O  | 0        |
    And contact has 1 row without a company

  @B105 @decision-19
  Scenario: with the party package the older contact maps stay stopped
    Then the set-up warns of the table map "cds-contacts-v2-contacts"
    When the table map "cds-contacts-v2-contacts" is run without initial sync
    Then it is refused with "SIM-MAP-REPLACED"
    Given F&O has these CDSParties rows:
      | PartyNumber | PartyType    | OrganizationName |
      | P1          | Organization | Contoso          |
    And F&O has these ContactPersons rows of USMF:
      | ContactPersonId | AssociatedPartyNumber |
      | C1              | P1                    |
    When the table map "CDS Parties" is run with initial sync
    And the table map "Contacts V2 (msdyn_contactforparties)" is run with initial sync
    Then initial sync ran without an error
