@2026
Feature: Orders, quotes and their discounts
  Orders and quotes travel with rules of their own: F&O keeps the discount of a line as a discount of a unit and a charge
  for what rounding leaves over; Dataverse keeps it for the whole line.

  Background:
    Given both environments are linked for "USMF"

  @L94
  Scenario: a contact that is used on a quote becomes sellable, and stays so
    Given Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And Dataverse has these pricelevel rows:
      | name | transactioncurrencyid |
      | A    | USD                   |
    And Dataverse has these contact rows of USMF:
      | lastname | msdyn_contactpersonid | msdyn_sellable |
      | Lovelace | C1                    | false          |
    When these quote rows of USMF are saved in Dataverse:
      | name | quotenumber | customerid | transactioncurrencyid | pricelevelid |
      | Q1   | Q1          | C1         | USD                   | A            |
    Then contact "C1" of USMF has:
      | msdyn_sellable |
      | true           |
    When contact "C1" of USMF is changed in Dataverse:
      | msdyn_sellable |
      | false          |
    Then contact "C1" of USMF has:
      | msdyn_sellable |
      | true           |

  @L93
  Scenario: a new product joins the first price list of its currency; without one a list is made
    Given Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And F&O has these UnitsOfMeasure rows:
      | UnitSymbol | UnitClass |
      | pcs        | Quantity  |
    And F&O has these CDSReleasedDistinctProducts rows of USMF:
      | ProductNumber | ProductName | ItemNumber | SalesUnitSymbol | CurrencyCode |
      | 1234          | Bicycle     | 1234       | pcs             | USD          |
    When the table map "Units" is run with initial sync
    And the table map "CDS released distinct products (products)" is run with initial sync
    Then pricelevel has 1 row
    And productpricelevel has 1 row

  @L93
  Scenario: of two lists of its currency the first by name
    Given Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And Dataverse has these pricelevel rows:
      | name | transactioncurrencyid |
      | B    | USD                   |
      | A    | USD                   |
    And F&O has these UnitsOfMeasure rows:
      | UnitSymbol | UnitClass |
      | pcs        | Quantity  |
    And F&O has these CDSReleasedDistinctProducts rows of USMF:
      | ProductNumber | ProductName | ItemNumber | SalesUnitSymbol | CurrencyCode |
      | 1234          | Bicycle     | 1234       | pcs             | USD          |
    When the table map "Units" is run with initial sync
    And the table map "CDS released distinct products (products)" is run with initial sync
    Then pricelevel has 2 rows
    And product "1234" of USMF has:
      | pricelevelid |
      | A            |

  @L95
  Scenario: the discount of a line
    When these CDSSalesOrderLines rows of USMF are saved in F&O:
      | SalesOrderNumber | LineCreationSequenceNumber | OrderedSalesQuantity | TotalDiscountAmount |
      | SO-1             | 1                          | 3                    | 10                  |
    Then CDSSalesOrderLines "SO-1,1" of USMF has:
      | LineDiscountAmount | FixedPriceCharges |
      | 3.33               | -0.01             |

  @L97
  Scenario: the status of an order
    Given Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And the table map "CDS sales order headers (salesorders)" runs
    When these CDSSalesOrderHeaders rows of USMF are saved in F&O:
      | SalesOrderNumber | SalesOrderName | CurrencyCode | SalesOrderProcessingStatus |
      | SO-1             | First          | USD          | Delivered                  |
    Then salesorder "SO-1" of USMF has:
      | msdyn_processingstatus |
      | 192350004              |
