"""School sign-in: OpenID Connect, started only by us, for one agency and one of its providers.

A sign-in takes four steps; none of them calls out while it holds a writer's lock:

1. ``discovery.Discovery.document(provider, now)`` reads what the provider says about itself (network, kept an hour);
2. ``signing_in.begin(means, provider, document, asked, now)`` remembers a single-use row and returns where to go;
3. ``signing_in.take(means, provider, returned, ...)`` uses that row up, ``signing_in.end(...)`` then exchanges the code
   and believes nothing of the answer that it did not check (network);
4. ``linking.link_family`` or ``linking.link_staff`` says whom the proven identity signs in.
"""
