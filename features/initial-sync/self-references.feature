@2026
Feature: Rows that point at rows of their own table
  A vendor can be invoiced through another vendor. In one pass a row finds only what is there when it is imported, in the
  order of keys; what was missing is found when the initial sync is run again.

  Background:
    Given both environments are linked for "USMF"
    And Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And Dataverse has these msdyn_vendorgroup rows of USMF:
      | msdyn_vendorgroup | msdyn_description |
      | 10                | Parts             |
    And the table maps "cds-parties-msdyn-parties" run

  @B95 @decision-31
  Scenario: a vendor whose invoice vendor comes later fails, one whose invoice vendor came before does not
    Given F&O has these VendorsV2 rows of USMF:
      | VendorAccountNumber | VendorOrganizationName | VendorPartyType | VendorGroupId | CurrencyCode | InvoiceVendorAccountNumber |
      | V1                  | First                  | Organization    | 10            | USD          | V2                         |
      | V2                  | Second                 | Organization    | 10            | USD          |                            |
      | V3                  | Third                  | Organization    | 10            | USD          | V2                         |
    When the table maps "cds-parties-msdyn-parties" are stopped
    And the table maps "cds-parties-msdyn-parties" are run with initial sync
    And the table map "Vendors V2" is run with initial sync
    Then row "V1" failed with "I3"
    And row "V3" did not fail
    And there is msdyn_vendor "V2" of USMF
    And there is no msdyn_vendor "V1" of USMF

  @B97
  Scenario Outline: run again as long as errors fall (<what>)
    Given F&O has these VendorsV2 rows of USMF:
      | VendorAccountNumber | VendorOrganizationName | VendorPartyType | VendorGroupId | CurrencyCode | InvoiceVendorAccountNumber |
      | V1                  | First                  | Organization    | 10            | USD          | V2                         |
      | V2                  | Second                 | Organization    | 10            | USD          | V3                         |
      | V3                  | Third                  | Organization    | 10            | USD          | <last>                     |
    When the table maps "cds-parties-msdyn-parties" are stopped
    And the table maps "cds-parties-msdyn-parties" are run with initial sync
    And the columns "PrimaryContactPersonId, SalesTaxGroupCode" are taken out of the table map "Vendors V2"
    And the table map "Vendors V2" is run with initial sync
    Then <first> rows failed
    When the execution of "Vendors V2" is run again as long as errors fall
    Then it took <runs> more runs
    And <left> rows failed
    And the table map "Vendors V2" is <status>

    Examples:
      | what              | last | first | runs | left | status      |
      | a chain of three  |      | 2     | 2    | 0    | Running     |
      | a missing parent  | V9   | 3     | 1    | 3    | Not running |

  @B96
  Scenario Outline: the seven steps for vendors and contacts (change tracking <tracking> between the passes)
    Given F&O has these VendorsV2 rows of USMF:
      | VendorAccountNumber | VendorOrganizationName | VendorPartyType | VendorGroupId | CurrencyCode | InvoiceVendorAccountNumber |
      | V1                  | First                  | Organization    | 10            | USD          | V2                         |
      | V2                  | Second                 | Organization    | 10            | USD          |                            |
    When the table maps "cds-parties-msdyn-parties" are stopped
    And the table maps "cds-parties-msdyn-parties" are run with initial sync
    And the columns "InvoiceVendorAccountNumber, PrimaryContactPersonId, SalesTaxGroupCode" are taken out of the table map "Vendors V2"
    Given change tracking of VendorsV2 is <tracking>
    When the table map "Vendors V2" is run with initial sync
    Then initial sync ran without an error
    When the table map "Vendors V2" is stopped
    And the columns of the table map "Vendors V2" are put back
    And the columns "PrimaryContactPersonId, SalesTaxGroupCode" are taken out of the table map "Vendors V2"
    And the table map "Vendors V2" is run with initial sync and master F&O
    Then msdyn_vendor "V1" of USMF has:
      | msdyn_invoicevendoraccountnumber |
      | <found>                          |

    Examples:
      | tracking | found   |
      | off      | V2      |
      | on       | (empty) |
