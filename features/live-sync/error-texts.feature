@2026
Feature: How errors of live sync are worded in F&O
  An error is composed of documented sentences. Builds since 2023 write them without a space between and add a link to help;
  older builds wrote a space and no link.

  Background:
    Given both environments are linked for "USMF"

  @decision-Q1 @decision-Q2
  Scenario: two rows that are not there, in the words of older builds
    Given Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid |
      | 80            |
    And the table maps "CDS Parties, Customers V3 (accounts)" run
    And errors of F&O are worded as in older builds
    When one transaction in F&O does:
      | what   | table       | of   | values                                                                                              |
      | create | CustomersV3 | USMF | CustomerAccount: US-2, OrganizationName: Two, PartyType: Organization, SalesCurrencyCode: EUR, CustomerGroupId: 80, InvoiceAccount: US-1 |
    Then it is refused with "LIVE-LOOKUP"
    And the refusal has the words of "LIVE-E4"
    And the refusal has the words of "LIVE-DETAIL-LOOKUP-CLASSIC"
    And the refusal does not name "fwlink"
    And the refusal does not name "DWErr"

  @decision-Q2
  Scenario: the same in the words of builds since 2023
    Given the table maps "terms-of-payment-msdyn-paymentterms, Customer groups" run
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | PaymentTermId |
      | 10              | NET99         |
    Then it is refused with "LIVE-LOOKUP"
    And the refusal has the words of "LIVE-E18"

  Scenario: Dataverse does not answer
    Given the table map "Units (uoms)" runs
    And errors of F&O are worded as in older builds
    And Dataverse does not answer
    When these UnitsOfMeasure rows are saved in F&O:
      | UnitSymbol | UnitClass |
      | pr         | Quantity  |
    Then it is refused with "LIVE-DETAIL-GENERIC"
    And the refusal has the words of "LIVE-E2"
    And the refusal has the words of "PERM-REFERENCE"
    And UnitsOfMeasure has 0 rows
    When Dataverse answers again
    And these UnitsOfMeasure rows are saved in F&O:
      | UnitSymbol | UnitClass |
      | pr         | Quantity  |
    Then the save reached the other side

  Scenario: Dataverse fails inside the batch
    Given the table map "Customer groups" runs
    And debug mode of the table map "Customer groups" is on
    And Dataverse fails inside the batch
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId |
      | 10              |
    Then it is refused with "LIVE-E17"
    And the error log of F&O says "0x8004023e"
    And CustomerGroups has 0 rows
