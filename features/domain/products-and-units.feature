@2026
Feature: Products and units
  Products travel from F&O only and are matched by company and product number. Units are grouped by the unit class of F&O;
  the symbol is their key.

  Background:
    Given both environments are linked for "USMF"
    And Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And F&O has these UnitsOfMeasure rows:
      | UnitSymbol | UnitClass |
      | pcs        | Quantity  |
    And F&O has these CDSReleasedDistinctProducts rows of USMF:
      | ProductNumber | ProductName | ItemNumber | SalesUnitSymbol | CurrencyCode |
      | 1234          | Bicycle     | 1234       | pcs             | USD          |

  @B100 @L98
  Scenario: a unit of F&O comes with its group, and the first unit of a class is the base
    Given F&O has these UnitsOfMeasure rows:
      | UnitSymbol | UnitClass |
      | dz         | Quantity  |
    When the table map "Units" is run with initial sync
    Then initial sync ran without an error
    And uomschedule "Quantity" has:
      | description           |
      | Externally maintained |
    And uom "dz" has:
      | uomscheduleid | isschedulebaseuom |
      | Quantity      | true              |
    And uom "pcs" has:
      | uomscheduleid | baseuom | isschedulebaseuom |
      | Quantity      | dz      | false             |

  @B101
  Scenario: two Dataverse units cannot have one symbol
    Given Dataverse has these uom rows:
      | msdyn_symbol | name   |
      | pcs          | Pieces |
    When these uom rows are saved in Dataverse:
      | msdyn_symbol | name       |
      | pcs          | More of it |
    Then it is refused with "SIM-DUPLICATE-KEY"
    And uom has 1 row

  @B99 @L92
  Scenario Outline: new products are Draft unless the setting says Active (<setting>)
    Given products are created in <setting> state
    When the table map "Units" is run with initial sync
    And the table map "CDS released distinct products" is run with initial sync
    Then initial sync ran without an error
    And product "1234" of USMF has:
      | statecode | name    |
      | <state>   | Bicycle |

    Examples:
      | setting | state  |
      | draft   | Draft  |
      | active  | Active |

  @B98
  Scenario: a product that was not bootstrapped appears twice
    Given Dataverse has these product rows:
      | productnumber | name    |
      | BIKE          | Bicycle |
    When the table map "Units" is run with initial sync
    And the table map "CDS released distinct products" is run with initial sync
    Then product has 2 rows

  @B98
  Scenario: a bootstrapped product is matched
    When the table map "Units" is run with initial sync
    Given Dataverse has these product rows of USMF:
      | productnumber | msdyn_productnumber | name    | defaultuomid |
      | USMF1234      | 1234                | Old one | pcs          |
    When the table map "CDS released distinct products" is run with initial sync
    Then product has 1 row
    And product "1234" of USMF has:
      | name    |
      | Bicycle |

  @L91
  Scenario: what was changed in Dataverse is overwritten by the next change of F&O
    When the table map "Units" is run with initial sync
    And the table map "CDS released distinct products (products)" is run with initial sync
    And product "1234" of USMF is changed in Dataverse:
      | name    |
      | Changed |
    And CDSReleasedDistinctProducts "1234" of USMF is changed in F&O:
      | ProductName |
      | Bicycle 2   |
    Then product "1234" of USMF has:
      | name      |
      | Bicycle 2 |
