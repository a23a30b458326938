"""School sign-in: OpenID Connect, started only by us, for one agency and one of its providers.

A sign-in takes four steps; none of them calls out while it holds a writer's lock:

1. ``discovery.Discovery.document(provider, now)`` reads what the provider says about itself (network, kept an hour);
2. ``signing_in.depart(provider, document, wish, draw)`` makes up where to send the browser, and
   ``signing_in.begin(means, provider, departure, wish, now)`` remembers it as a row that is used once;
3. ``signing_in.take(means, provider, returned, session, purposes, now)`` uses that row up, and
   ``exchanging.end(discovery, way_back, now)`` exchanges the code and believes nothing that it did not check (network);
4. ``linking.link_family`` or ``linking.link_staff`` says whom the proven identity signs in.

Every refusal is a ``SchoolProblem`` with a ``Why``; the pages show one plain page for all of them.
"""
