"""moto's server on 127.0.0.1, with two things that it lacks and that tests of access stand on.

A condition does not hold where the request lacks its key: a role whose trust policy asks for an external ID is not
assumed without one. moto lets such requests pass.

Signatures cover the query as it was sent. moto checks them against one in which slashes are no longer encoded.
"""
import sys
from urllib.parse import quote

from botocore.auth import SigV4Auth
from moto.iam.policy_conditions import CONDITION_OPERATIONS, TrustCondition
from moto.server import main

verify_condition = TrustCondition.verify_condition
canonical_query = SigV4Auth._canonical_query_string_url


def verify_with_missing_keys(self, actual_values):
    if self._condition in CONDITION_OPERATIONS and len(actual_values) < len(self.context_keys):
        return False
    return verify_condition(self, actual_values)


def canonical_query_with_slashes(self, parts):
    return canonical_query(self, parts._replace(query=quote(parts.query, safe="-_.~%&=")))


TrustCondition.verify_condition = verify_with_missing_keys
SigV4Auth._canonical_query_string_url = canonical_query_with_slashes
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
