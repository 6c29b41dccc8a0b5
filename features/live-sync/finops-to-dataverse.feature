@2026
Feature: Live sync from F&O to Dataverse
  What is saved in F&O is in Dataverse before F&O commits, or in neither. What goes round the events of a table, touches
  no mapped column, or belongs to no linked company stays where it is.

  Background:
    Given both environments are linked for "DEMF and USMF"

  @L1
  Scenario: a new unit
    Given the table map "Units (uoms)" runs
    When these UnitsOfMeasure rows are saved in F&O:
      | UnitSymbol | UnitClass | UnitDescription |
      | pr         | Quantity  | Pairs           |
    Then the save reached the other side
    And there is uom "pr"

  @L3
  Scenario: three inserts of one transaction, the third fails
    Given the table map "Customer groups" runs
    When one transaction in F&O does:
      | what   | table          | of   | values                                              |
      | create | CustomerGroups | USMF | CustomerGroupId: 10, Description: Wholesale         |
      | create | CustomerGroups | USMF | CustomerGroupId: 20, Description: Retail            |
      | create | CustomerGroups | USMF | CustomerGroupId: 30, PaymentTermId: NET99           |
    Then it is refused with "LIVE-LOOKUP"
    And CustomerGroups has 0 rows
    And msdyn_customergroup has 0 rows

  @L4
  Scenario: three inserts of three transactions, the second fails
    Given the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | PaymentTermId |
      | 20              | NET99         |
    Then it is refused with "LIVE-LOOKUP"
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 30              | Retail      |
    Then CustomerGroups has 2 rows
    And msdyn_customergroup has 2 rows

  @L8 @L9
  Scenario: what a row refers to has to be there before its transaction
    Given the table maps "terms-of-payment-msdyn-paymentterms, Customer groups" run
    When one transaction in F&O does:
      | what   | table          | of   | values                                   |
      | create | PaymentTerms   | USMF | Name: NET10, Description: Ten days       |
      | create | CustomerGroups | USMF | CustomerGroupId: 10, PaymentTermId: NET10 |
    Then it is refused with "LIVE-LOOKUP"
    And the refusal names "Unable to lookup msdyn_paymentterms with values {NET10,"
    And PaymentTerms has 0 rows
    And CustomerGroups has 0 rows

  @L10
  Scenario: a row of the same integration key is updated, not doubled
    Given Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 10            | Old               |
    And the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then msdyn_customergroup has 1 row
    And msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | Wholesale         |

  @L11 @L12 @L13 @L14
  Scenario Outline: writes that raise no events stay in F&O (<how>)
    Given the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And code in F&O does with <how>:
      | what   | table          | of   | row   | values   |
      | <what> | CustomerGroups | USMF | <row> | <values> |
    Then nothing was sent to the other side
    And msdyn_customergroup has 1 row
    And msdyn_customergroup "10" of USMF has:
      | msdyn_description |
      | Wholesale         |

    Examples:
      | how                | what   | row | values                                   |
      | doUpdate           | change | 10  | Description: Retail                      |
      | doInsert           | create |     | CustomerGroupId: 20, Description: Retail |
      | update_recordset   | change | 10  | Description: Retail                      |
      | insert_recordset   | create |     | CustomerGroupId: 20, Description: Retail |
      | skipBusinessEvents | change | 10  | Description: Retail                      |

  @L15
  Scenario: a column that is not mapped
    Given the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And CustomerGroups "10" of USMF is changed in F&O:
      | TaxGroupId |
      | FULL       |
    Then the save was kept back because "no mapped column changed"

  @L16
  Scenario: a column that flows the other way only
    When the table map "Customer groups" is changed and saved:
      | change    | F&O         | direction |
      | direction | Description | <         |
    And the table map "Customer groups" is run without initial sync
    And these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | Retail      |
    Then the save was kept back because "no mapped column changed"

  @L22
  Scenario: filters choose between maps of one entity
    Given Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid |
      | 10            |
    And the table maps "CDS Parties, Customers V3 (accounts), Customers V3 (contacts)" run
    When these CustomersV3 rows of USMF are saved in F&O:
      | CustomerAccount | PersonFirstName | PersonLastName | PartyType | SalesCurrencyCode | CustomerGroupId |
      | US-001          | Ada             | Lovelace       | Person    | USD               | 10              |
    Then there is no account "US-001" of USMF
    And there is contact "US-001" of USMF

  @L24
  Scenario: currency 999 is not sent
    Given the table map "Currencies (transactioncurrencies)" runs
    When these Currencies rows are saved in F&O:
      | CurrencyCode | Name |
      | 999          | None |
    Then the save stayed where it was made
    And there is no transactioncurrency "999"

  @L25
  Scenario: a value map translates Yes
    Given the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | IsSalesTaxIncludedInPrice |
      | 10              | Yes                       |
    Then msdyn_customergroup "10" of USMF has:
      | msdyn_issalestaxincludedinprice |
      | true                            |

  @L29
  Scenario: a row that is deleted is deleted on both sides
    Given the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    And CustomerGroups "10" of USMF is deleted in F&O
    Then there is no msdyn_customergroup "10" of USMF

  @L31
  Scenario: rows of a company belong to its default owning team
    Given the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then msdyn_customergroup "10" of USMF has:
      | ownerid |
      | USMF Dual Write |

  @L35
  Scenario: what dual-write wrote is not sent back
    Given the table map "Customer groups" runs
    When these CustomerGroups rows of USMF are saved in F&O:
      | CustomerGroupId | Description |
      | 10              | Wholesale   |
    Then 1 change was sent to the other side

  @L32
  Scenario: rows without company belong to the root business unit, or to the team of the map
    Given the table map "CDS Parties" runs
    When these CDSParties rows are saved in F&O:
      | PartyNumber | PartyType    | NameAlias |
      | P-1         | Organization | Contoso   |
    Then msdyn_party "P-1" has:
      | ownerid       |
      | Contoso Sales |
    Given rows of msdyn_party belong to the team "USMF Dual Write"
    When these CDSParties rows are saved in F&O:
      | PartyNumber | PartyType    | NameAlias |
      | P-2         | Organization | Fabrikam  |
    Then msdyn_party "P-2" has:
      | ownerid         |
      | USMF Dual Write |

  @L30
  Scenario: what Dataverse does not delete stays in F&O
    Given the table map "Currencies (transactioncurrencies)" runs
    When these Currencies rows are saved in F&O:
      | CurrencyCode | Name      | Symbol |
      | USD          | US Dollar | $      |
    Given Dataverse has these pricelevel rows:
      | name | transactioncurrencyid |
      | A    | USD                   |
    When Currencies "USD" is deleted in F&O
    Then it is refused with "SIM-ROW-IN-USE"
    And there is Currencies "USD"
    And there is transactioncurrency "USD"

  @decision-Q20
  Scenario: a number that two tables have is taken from the first one listed
    Given Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And Dataverse has these contact rows of USMF:
      | lastname | msdyn_contactpersonid |
      | Lovelace | C1                    |
      | Hopper   | C2                    |
    And Dataverse has these account rows of USMF:
      | name    | accountnumber |
      | Contoso | C1            |
    And the table map "CDS sales order headers (salesorders)" runs
    When these CDSSalesOrderHeaders rows of USMF are saved in F&O:
      | SalesOrderNumber | SalesOrderName | CurrencyCode | OrderingCustomerAccountNumber |
      | SO-1             | First          | USD          | C1                            |
      | SO-2             | Second         | USD          | C2                            |
    Then salesorder "SO-1" of USMF has:
      | customeridtype |
      | account        |
    And salesorder "SO-2" of USMF has:
      | customeridtype |
      | contact        |

  @L36
  Scenario: what a plug-in of Dataverse changes during a write from F&O does not return in it
    Given Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And Dataverse has these contact rows of USMF:
      | lastname | msdyn_contactpersonid | msdyn_sellable |
      | Lovelace | C1                    | false          |
    And the table maps "Customers V3 (contacts), CDS sales order headers (salesorders)" run
    When these CDSSalesOrderHeaders rows of USMF are saved in F&O:
      | SalesOrderNumber | SalesOrderName | CurrencyCode | OrderingCustomerAccountNumber |
      | SO-1             | First          | USD          | C1                            |
    Then contact "C1" of USMF has:
      | msdyn_sellable |
      | true           |
    And CustomersV3 has 0 rows

  @L96
  Scenario: a free text invoice has no order, and stays in F&O
    Given Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And the table map "Sales invoice headers V2 (invoices)" runs
    When these SalesInvoiceHeadersV2 rows of USMF are saved in F&O:
      | InvoiceNumber | InvoiceDate | CurrencyCode | SalesOrderNumber |
      | FTI-1         | 2026-01-05  | USD          |                  |
    Then the save was kept back because "the map's filter keeps it back"
    And invoice has 0 rows
