@2026
Feature: Customers and their parties
  A customer is an account with a party. Dataverse says whose type it is; F&O knows which party a number stands for.

  Background:
    Given both environments are linked for "USMF"
    And Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid |
      | 10            |
    And F&O has these CustomerGroups rows of USMF:
      | CustomerGroupId |
      | 10              |
    And the table maps "CDS Parties, Customers V3 (accounts), Customers V3 (contacts)" run

  @L26
  Scenario: a customer of F&O is of the type customer in Dataverse
    When these CustomersV3 rows of USMF are saved in F&O:
      | CustomerAccount | OrganizationName | PartyType    | SalesCurrencyCode | CustomerGroupId |
      | US-001          | Contoso          | Organization | USD               | 10              |
    Then account "US-001" of USMF has:
      | customertypecode |
      | 3                |

  @L52
  Scenario: a known number with another party
    When these CustomersV3 rows of USMF are saved in F&O:
      | CustomerAccount | OrganizationName | PartyType    | SalesCurrencyCode | CustomerGroupId |
      | US-001          | Contoso          | Organization | USD               | 10              |
    And these msdyn_party rows are saved in Dataverse:
      | msdyn_partynumber | msdyn_partytype |
      | P-NEW             | Organization    |
    And account "US-001" of USMF is changed in Dataverse:
      | msdyn_partyid | name  |
      | P-NEW         | Other |
    Then it is refused with "PARTY-NOT-FOUND"

  @L53
  Scenario: a party does not change its type
    When these CDSParties rows are saved in F&O:
      | PartyNumber | PartyType    | NameAlias |
      | Party-001   | Organization | Contoso   |
    And msdyn_party "Party-001" is changed in Dataverse:
      | msdyn_partytype |
      | Person          |
    Then it is refused with "LIVE-E12"

  @L40
  Scenario: two rows of one payload are refused, each with its own error
    When one transaction in Dataverse does:
      | what   | table   | of   | values                                            |
      | create | account | USMF | accountnumber: CE-1, name: One, customertypecode: 3 |
      | create | account | USMF | accountnumber: CE-2, name: Two, customertypecode: 3 |
    Then it is refused with "RecordError0"
    And the refusal names "RecordError1"
    And account has 0 rows
