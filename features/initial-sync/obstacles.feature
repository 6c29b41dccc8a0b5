@2026
Feature: What stops an initial sync
  The services between both sides have flaws of their own. Each stops a leg or a row with the documented text.

  Background:
    Given both environments are linked for "USMF"
    And F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |

  @B91
  Scenario: the data import and export service is stopped
    Given the data import and export service of F&O is stopped
    When the table map "Customer groups" is run with initial sync
    Then the leg into Dataverse failed with "I1" and the words:
      """
      ([Bad Request], The remote server returned an error: (400) Bad Request.), AX export encountered an error
      """
    And the leg into F&O failed with "SIM-IMPORT-SERVICE-STOPPED"
    And the table map "Customer groups" is Not running
    When the data import and export service of F&O is started
    And the execution of "Customer groups" is run again
    Then the table map "Customer groups" is Running

  @B91
  Scenario: the row of the application is broken
    Given the row of the data integration application in F&O is broken
    When the table map "Customer groups" is run with initial sync
    Then the leg into Dataverse failed with "I2" and the words:
      """
      ([Forbidden], The remote server returned an error: (403) Forbidden.), AX export encountered an error
      """

  @B89
  Scenario: a double quote in a text breaks the exported file
    Given F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description     |
      | 20              | The "good" ones |
    When the table map "Customer groups" is run with initial sync
    Then the leg into Dataverse failed with "I7" and the words:
      """
      Initial writes failed while parsing the data for leg:From Customer groups Entity to msdyn_customergroups Entity - Legal Entity. Message: Type=Microsoft.VisualBasic.FileIO.MalformedLineException, Msg=Line # cannot be parsed using the current Delimiters.
      """
    And msdyn_customergroup has 0 rows
    When CustomerGroups "20" of USMF is changed in F&O:
      | Description   |
      | The good ones |
    And the execution of "Customer groups" is run again
    Then the table map "Customer groups" is Running
    And msdyn_customergroup has 2 rows

  @B90
  Scenario: zero decimals and another locale than en-us
    Given the language locale of the source data formats is "de"
    And Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And F&O has these VendorsV2 rows of USMF:
      | VendorAccountNumber | VendorOrganizationName | VendorPartyType | VendorGroupId | CurrencyCode | CreditLimit |
      | V1                  | First                  | Organization    | 10            | USD          | 0           |
    And Dataverse has these msdyn_vendorgroup rows of USMF:
      | msdyn_vendorgroup | msdyn_description |
      | 10                | Parts             |
    When the table map "CDS Parties" is run with initial sync
    And the table map "Vendors V2" is run with initial sync
    Then row "V1" failed with "I6"

  @B35
  Scenario: the default team was renamed
    Given the default team of the business unit USMF is renamed
    When the table map "Customer groups" is run with initial sync
    Then row "10" failed with "SIM-DEFAULT-TEAM-NOT-FOUND"
    And the table map "Customer groups" is Not running

  @B104
  Scenario: contacts are slow while the customers map runs
    Given F&O has 100 CustomerGroups rows of USMF numbered from "G0001" with:
      | Description |
      | Any         |
    And the side F&O is assumed to have 1000 rows of "Contacts V2 (msdyn_contactforparties)" for USMF
    When the table map "Contacts V2 (msdyn_contactforparties)" is run with initial sync
    Then it took 10 minutes
    When the table map "Contacts V2 (msdyn_contactforparties)" is stopped
    And the table map "Customers V3 (accounts)" is run without initial sync
    And the table map "Contacts V2 (msdyn_contactforparties)" is run with initial sync
    Then it took 20 minutes
    And initial sync warns of "I11"

  @decision-23
  Scenario: a legal entity that fails does not keep the others from completing
    Given the side F&O is assumed to have 500001 rows of "Customer groups" for USMF
    When the legal entity DEMF "Contoso Germany" is created in F&O
    And the legal entity DEMF is added to the link
    And these CustomerGroups rows of DEMF are saved in F&O:
      | CustomerGroupId | Description |
      | 30              | Other       |
    And the table map "Customer groups" is run with initial sync
    Then there is msdyn_customergroup "30" of DEMF
    And there is no msdyn_customergroup "10" of USMF
    And the table map "Customer groups" is Not running

  @B87
  Scenario: without change tracking every row is sent again
    Given change tracking of CustomerGroups is off
    When the table map "Customer groups" is run with initial sync
    And the table map "Customer groups" is stopped
    And the table map "Customer groups" is run with initial sync
    Then initial sync moved:
      | into      | exported | unchanged |
      | Dataverse | 1        | 1         |

  @B86
  Scenario: with change tracking only changes are
    Given change tracking of CustomerGroups is on
    When the table map "Customer groups" is run with initial sync
    And the table map "Customer groups" is stopped
    And the table map "Customer groups" is run with initial sync
    Then initial sync moved:
      | into      | exported |
      | Dataverse | 0        |

  @B86 @B91
  Scenario: what a leg could not export is sent by the next run, although F&O tracks changes
    Given the data import and export service of F&O is stopped
    When the table map "Customer groups" is run with initial sync
    Then the leg into Dataverse failed with "I1"
    When the data import and export service of F&O is started
    And the table map "Customer groups" is run with initial sync
    Then initial sync moved:
      | into      | exported | inserted |
      | Dataverse | 1        | 1        |

  @B102
  Scenario: the address of an operating unit finds no party
    Given F&O has these CDSParties rows:
      | PartyNumber | PartyType     | NameAlias |
      | P-1         | Organization  | Contoso   |
      | P-2         | OperatingUnit | Sales     |
    And F&O has these PartyContactsV3 rows:
      | PartyNumber | ElectronicAddressId | Locator             | Type  |
      | P-1         | E-1                 | info@contoso.com    | Email |
      | P-2         | E-2                 | sales@contoso.com   | Email |
    When the table map "CDS Parties" is run with initial sync
    Then there is msdyn_party "P-1"
    And there is no msdyn_party "P-2"
    When the table map "party-contacts-v3-msdyn-partyelectronicaddresses" is run with initial sync
    Then 1 row failed
    And row "P-2,E-2" failed with "I5" and the words:
      """
      Party number couldn't be found in Dataverse.
      """

  @B103
  Scenario: a time of day leaves F&O as text
    Given F&O has these CDSParties rows:
      | PartyNumber | PartyType    | NameAlias |
      | P-PERSON    | Person       | Person    |
      | P-CUSTOMER  | Organization | Customer  |
    And F&O has these ContactPersons rows of USMF:
      | ContactPersonId | ContactPersonPartyNumber | AssociatedPartyNumber | AvailableFromTime |
      | C1              | P-PERSON                 | P-CUSTOMER            | 08:00:00          |
    When the table map "CDS Parties" is run with initial sync
    And the table map "Contacts V2 (msdyn_contactforparties)" is run with initial sync
    Then row "C1" failed with "I8" and the words:
      """
      Cannot convert the literal '08:00:00' to the expected type edm.int32
      """
    When the columns "AvailableFromTime, AvailableToTime" are taken out of the table map "Contacts V2 (msdyn_contactforparties)"
    And the execution of "Contacts V2 (msdyn_contactforparties)" is run again
    Then 0 rows failed
    And there is msdyn_contactforparty "C1" of USMF
