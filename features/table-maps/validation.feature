@2026
Feature: Validation of table maps
  A map is checked when it is saved and again when it is run. Every code comes from the cause the documentation gives it.

  Background:
    Given both environments are linked for "USMF"

  Scenario Outline: saving a change is refused with <code>: <why>
    When the table map "Customer groups" is changed and saved:
      | change   | F&O     | direction   | Dataverse | value   |
      | <change> | <field> | <direction> | <column>  | <value> |
    Then it is refused with "<code>"
    And the table map "Customer groups" has the versions:
      | 1.0.0.0 of Microsoft |

    @B51 @L57
    Examples: companies
      | code     | why                         | change         | field | direction | column | value |
      | DIPV1002 | one side without company    | company column |       |           |        |       |

    @L63
    Examples: keys
      | code     | why                     | change | field           | direction | column | value |
      | DIPV1014 | a key column not mapped | remove | CustomerGroupId |           |        |       |

    @L62
    Examples: filters
      | code       | why                           | change              | field | direction | column | value                   |
      | DIPV1012   | a filter that is not whole    | filter of Dataverse |       |           |        | msdyn_groupid eq        |
      | DIPV1012   | a filter on an unknown column | filter of Dataverse |       |           |        | msdyn_nothing eq 'a'    |
      | HEALTH-900 | a filter F&O cannot read      | filter of F&O       |       |           |        | (CustomerGroupId ==     |

    @L72
    Examples: filters through lookups
      | code     | why                       | change              | field | direction | column | value                                   |
      | DIPV1012 | a filter through a lookup | filter of Dataverse |       |           |        | msdyn_paymenttermid/msdyn_name eq 'a'   |

    Examples: columns
      | code     | why                                  | change | field       | direction | column             | value |
      | DIPV1024 | a row without destination            | add    | TaxGroupId  | >         |                    |       |
      | DIPV1025 | a column Dataverse does not have     | add    | TaxGroupId  | >         | msdyn_nosuchcolumn |       |

    @L66
    Examples: twice
      | code     | why                       | change | field       | direction | column            | value |
      | DIPV1026 | two rows into one column  | add    | TaxGroupId  | >         | msdyn_description |       |
      | DIPV1029 | the same pair twice       | add    | Description | >         | msdyn_description |       |

  @B51
  Scenario: a field that the entity does not have is no source
    Given Dataverse has got a text column "new_class" in msdyn_customergroup
    When the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O         | direction | Dataverse |
      | add    | NoSuchField | >         | new_class |
    Then it is refused with "DIPV1022"

  @L59
  Scenario: a key column both ways, or every row one way
    When the table map "Customer groups" is changed and saved:
      | change    | F&O             | direction |
      | direction | CustomerGroupId | >         |
    Then it is refused with "DIPV1004"
    When the table map "Customer groups" is changed and saved:
      | change    | F&O                           | direction |
      | direction | CustomerGroupId               | >         |
      | direction | Description                   | >         |
      | direction | IsSalesTaxIncludedInPrice     | >         |
      | direction | PaymentTermId                 | >         |
      | direction | ClearingPeriodPaymentTermName | >         |
    Then it is done
    When the table map "Customer groups" is run without initial sync
    Then the table map "Customer groups" is Running

  @L68
  Scenario: a row without source has a default or is refused
    When the table map "Customer groups" is changed and saved:
      | change | F&O         | direction | Dataverse         |
      | remove | Description |           |                   |
      | add    |             | >         | msdyn_description |
    Then it is refused with "DIPV1021"
    When the table map "Customer groups" is changed and saved:
      | change | F&O         | direction | Dataverse         | value    |
      | remove | Description |           |                   |          |
      | add    |             | >         | msdyn_description | Imported |
    Then the editor warns of nothing

  Scenario: one source does not fill two columns both ways
    Given Dataverse has got a text column "new_second" in msdyn_customergroup
    When the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O         | direction | Dataverse  |
      | add    | Description | =         | new_second |
    Then it is refused with "DIPV1023"

  @L69
  Scenario: one source fills two columns one way
    Given Dataverse has got a text column "new_second" in msdyn_customergroup
    When the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O         | direction | Dataverse  |
      | add    | Description | >         | new_second |
    Then the editor warns of nothing
    When the table map "Customer groups" is run without initial sync
    Then the table map "Customer groups" is Running

  @L60
  Scenario: a mandatory column that gets no value, and one that a default fills
    Given Dataverse has got a text column "new_class" in msdyn_customergroup that is mandatory
    When the tables are refreshed
    And the table map "Customer groups" is run without initial sync
    Then it is refused with "DIPV1010"
    When the table map "Customer groups" is changed and saved:
      | change | F&O | direction | Dataverse | value |
      | add    |     | >         | new_class | none  |
    And the table map "Customer groups" is run without initial sync
    Then the table map "Customer groups" is Running

  @decision-18
  Scenario: a mandatory column whose source can be blank wants a default, at the latest when the map is run
    Given Dataverse has got a text column "new_class" in msdyn_customergroup that is mandatory
    When the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O        | direction | Dataverse |
      | add    | TaxGroupId | >         | new_class |
    Then the editor warns of "DIPV1031"
    When the table map "Customer groups" is run without initial sync
    Then it is refused with "DIPV1031"
    When the table map "Customer groups" is changed and saved:
      | change  | Dataverse | value |
      | default | new_class | none  |
    And the table map "Customer groups" is run without initial sync
    Then the table map "Customer groups" is Running

  @L61
  Scenario: a read-only column is a source and no destination
    Given Dataverse has got a text column "new_rollup" in msdyn_customergroup that is read-only
    When the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O        | direction | Dataverse  |
      | add    | TaxGroupId | =         | new_rollup |
    Then it is refused with "DIPV1011"
    When the table map "Customer groups" is changed and saved:
      | change | F&O        | direction | Dataverse  |
      | add    | TaxGroupId | <         | new_rollup |
    Then the editor warns of nothing

  @L67
  Scenario: text does not go into a whole number
    Given Dataverse has got a number column "new_number" in msdyn_customergroup
    When the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O         | direction | Dataverse  |
      | add    | Description | >         | new_number |
    Then the editor warns of "DIPV1030"
    When the table map "Customer groups" is run without initial sync
    Then it is refused with "DIPV1030"

  Scenario: a lookup wants the whole key of the row it points at, both ways
    When the table map "asset-management-assets-msdyn-customerassets" is changed and saved:
      | change | F&O            |
      | remove | MODELPRODUCTID |
    Then it is refused with "DIPV1027"
    And it is refused with "DIPV1028"

  @L58
  Scenario: a table without alternate key has no integration key until it has one and is refreshed
    Given msdyn_customergroup has no alternate key
    When the tables are refreshed
    And the table map "Customer groups" is run without initial sync
    Then it is refused with "DIPV1003"
    Given msdyn_customergroup has the alternate key "msdyn_company, msdyn_groupid" alone
    When the tables are refreshed
    Then the integration key of msdyn_customergroup holds "msdyn_groupid, msdyn_company.cdm_companycode"
    When the table map "Customer groups" is run without initial sync
    Then the table map "Customer groups" is Running

  @L63
  Scenario: a key behind a lookup is mapped as well
    When the integration key of msdyn_customergroup is set to "msdyn_groupid, ownerid.fullname"
    And the table map "Customer groups" is run without initial sync
    Then it is refused with "DIPV1015"
    When the integration key of msdyn_customergroup is set to "msdyn_groupid, msdyn_company.cdm_companycode"
    And the table map "Customer groups" is run without initial sync
    Then the table map "Customer groups" is Running

  Scenario: a map that carries nothing
    Given the integration key of msdyn_customergroup is "msdyn_company.cdm_companycode"
    When the table map "Customer groups" is changed and saved:
      | change | F&O                           |
      | remove | CustomerGroupId               |
      | remove | Description                   |
      | remove | IsSalesTaxIncludedInPrice     |
      | remove | PaymentTermId                 |
      | remove | ClearingPeriodPaymentTermName |
    Then it is refused with "DIPV1006"

  Scenario Outline: a fault of the link refuses the run with <code>
    Given <fault>
    When the table map "Customer groups" is run without initial sync
    Then it is refused with "<code>"
    And the table map "Customer groups" is Not running
    Given <mended>
    When the table map "Customer groups" is run without initial sync
    Then the table map "Customer groups" is Running

    Examples:
      | code     | fault                                                        | mended                                                |
      | DIPV1000 | the connection of the linking user is no longer valid        | the link is whole again                               |
      | DIPV1001 | validation fails unexpectedly                                | the link is whole again                               |
      | DIPV1002 | CustomerGroups shares its data across companies              | CustomerGroups shares its data no longer              |
      | DIPV1005 | the connection set has lost what it knew of the environments | the link is whole again                               |
      | DIPV1008 | the business unit "USMF" is renamed to "Contoso"             | the business unit "Contoso" is renamed to "USMF"      |

  Scenario Outline: a schema the link has lost is back when the tables are refreshed (<code>)
    Given the link has lost the schema of <table> in <side>
    When the table map "Customer groups" is run without initial sync
    Then it is refused with "<code>"
    When the tables are refreshed
    And the table map "Customer groups" is run without initial sync
    Then the table map "Customer groups" is Running

    Examples:
      | code     | table               | side      |
      | DIPV1018 | CustomerGroups      | F&O       |
      | DIPV1020 | msdyn_customergroup | Dataverse |

  Scenario: the project of another organisation
    Given the Dataverse environment was copied
    When the table map "Customer groups" is run without initial sync
    Then it is refused with "DIPV1007"

  Scenario: a legal entity without its row in Dataverse
    Given the company row USMF is missing in Dataverse
    When the table map "Customer groups" is run without initial sync
    Then it is refused with "DIPV1016"
    And it is refused with "DIPV1017"

  @L64
  Scenario: a virtual table exports nothing
    Given msdyn_customergroup is a virtual table
    When the table map "Customer groups" is run without initial sync
    Then it is refused with "DIPV1019"

  @L65
  Scenario: a column of Dataverse that the link does not know yet
    Given Dataverse has got a text column "new_region" in msdyn_customergroup
    When the table map "Customer groups" is changed and saved:
      | change | F&O        | direction | Dataverse  |
      | add    | TaxGroupId | >         | new_region |
    Then it is refused with "DIPV1025" and the words:
      """
      Project validation failed. [DIPV1025] Missing destination field new_region in the schema
      """
    And the refusal has the words of "M3"
    When the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O        | direction | Dataverse  |
      | add    | TaxGroupId | >         | new_region |
    Then the editor warns of nothing

  Scenario: a field of F&O that its entity list does not show yet
    Given F&O has got a text column "ContosoRegion" in CustomerGroups
    And Dataverse has got a text column "new_region" in msdyn_customergroup
    When the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O           | direction | Dataverse  |
      | add    | ContosoRegion | >         | new_region |
    Then it is refused with "DIPV1022"
    And the refusal has the words of "M4"
    When the entity list of F&O is refreshed
    And the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change | F&O           | direction | Dataverse  |
      | add    | ContosoRegion | >         | new_region |
    Then the editor warns of nothing

  @decision-Q39
  Scenario: what Dataverse asks for is not asked of a map that only sends to F&O
    Given Dataverse has got a text column "new_class" in msdyn_customergroup that is mandatory
    When the tables are refreshed
    And the table map "Customer groups" is changed and saved:
      | change    | F&O                           | direction |
      | direction | CustomerGroupId               | <         |
      | direction | Description                   | <         |
      | direction | IsSalesTaxIncludedInPrice     | <         |
      | direction | PaymentTermId                 | <         |
      | direction | ClearingPeriodPaymentTermName | <         |
    And the table map "Customer groups" is run without initial sync
    Then the table map "Customer groups" is Running

  @decision-Q4
  Scenario: a standard map may use one source for a plain column and for a lookup
    When the table map "fiscal-calendar-period-msdyn-fiscalcalendarperiods" is run without initial sync
    Then the table map "fiscal-calendar-period-msdyn-fiscalcalendarperiods" is Running
