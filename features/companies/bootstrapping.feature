@2026
Feature: Bootstrapping rows that have no company
  Before initial sync can match them, existing Dataverse rows are given their company. The published sample does it for
  accounts; the careful way gives a company only where it is plain.

  Background:
    Given both environments are linked for "DEMF and USMF"
    And F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    And F&O has these CustomersV3 rows of USMF:
      | CustomerAccount | OrganizationName | PartyType    | CustomerGroupId | SalesCurrencyCode | InvoiceAddressCity |
      | 1001            | Contoso          | Organization | 10              | USD               | Seattle            |
      | 1002            | Fabrikam         | Organization | 10              | USD               | Portland           |
    And Dataverse has these account rows:
      | accountnumber | name    | customertypecode |
      | 1001          | Old one | Customer         |
      | 9999          | Lonely  | Customer         |

  @B107 @B108
  Scenario: the published sample joins accounts by number
    When Dataverse is bootstrapped with USMF as the published sample does
    Then account "1001" of USMF has:
      | name    | msdyn_customergroupid | address2_city |
      | Contoso | 10                    | Seattle       |
    And there is account "1002" of USMF
    And account has 1 row without a company

  @B107
  Scenario: the careful way gives the company and nothing else
    When Dataverse is bootstrapped with USMF
    Then account "1001" of USMF has:
      | name    |
      | Old one |
    And there is no account "1002" of USMF

  @B109 @decision-9
  Scenario: a number two companies use is left alone by the careful way, and taken over by the sample
    Given F&O has these CustomerGroups rows of DEMF:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And F&O has these CustomersV3 rows of DEMF:
      | CustomerAccount | OrganizationName | PartyType    | CustomerGroupId | SalesCurrencyCode |
      | 1001            | Contoso Germany  | Organization | 10              | EUR               |
    When Dataverse is bootstrapped with USMF
    Then bootstrapping warns "SIM-BOOTSTRAP-COLLISION"
    And there is no account "1001" of USMF
    When Dataverse is bootstrapped with USMF as the published sample does
    And Dataverse is bootstrapped with DEMF as the published sample does
    Then account "1001" of DEMF has:
      | name            |
      | Contoso Germany |

  @B110
  Scenario: a company Dataverse does not know stays empty
    Given the company row USMF is missing in Dataverse
    When Dataverse is bootstrapped with USMF as the published sample does
    Then account "1001" has:
      | msdyn_company | name    |
      | (empty)       | Contoso |
