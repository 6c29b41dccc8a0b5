"""$metadata against the XML schemas of the OASIS OData technical committee."""
import os

import requests
from lxml import etree

from checks import DATAVERSE, check, run


@check
def the_document_is_valid_by_the_schema_of_the_standard():
    schema = etree.XMLSchema(etree.parse(os.environ["CSDL_SCHEMA"]))
    response = requests.get(DATAVERSE + "/api/data/v9.2/$metadata", headers={"Authorization": "Bearer local-test-token"})
    assert response.headers["Content-Type"].startswith("application/xml")
    assert schema.validate(etree.fromstring(response.content)), list(schema.error_log)[:5]


run()
