/**
 * Faults from outside, on the packaged jar in processes of its own: {@code ./mvnw verify -Pfaults}. With
 * {@code -Dfaults.scale=full} for the full figures; {@code -Dfaults.seed=N} for other chances, the seed stands in the
 * message of each failure. What happens inside the product's process is brought in by {@code agent}, a Java agent that
 * the tests make; the product has no code for it.
 *
 * <table>
 * <caption>Which test shows what</caption>
 * <tr><th>fault</th><th>here</th><th>and as a fast test</th></tr>
 * <tr><td>quota of 60 in 10 s, four kinds of window, limit changed</td><td>QuotaIT</td>
 *     <td>resilience.AdaptiveRateLimiterTest, in virtual time</td></tr>
 * <tr><td>SIGKILL at random instants of an import</td><td>ImportKillIT</td>
 *     <td>product.RunKillIT, product.KillPointsIT</td></tr>
 * <tr><td>SIGKILL at random instants of a sync into the CRM</td><td>CrmKillIT</td>
 *     <td>product.CrmIT, outbox.OutboxTest</td></tr>
 * <tr><td>failure or kill at each step</td><td>FailPointIT</td>
 *     <td>persistence.ChunkStoreTest, persistence.CommitUnderFireTest, imports.ReadyFilesTest</td></tr>
 * <tr><td>login, registration and renewal killed at each step</td><td>DoorKillIT</td>
 *     <td>oauth.LoginFlowTest, jtl.WawiRegistrarTest</td></tr>
 * <tr><td>SIGTERM</td><td>SignalIT</td><td>product.RunKillIT</td></tr>
 * <tr><td>SIGSTOP, another process takes over, SIGCONT</td><td>SignalIT</td>
 *     <td>persistence.TakeoverTest, product.TwoProcessesIT</td></tr>
 * <tr><td>JTL refuses, is silent, drips for a while</td><td>OutOfReachIT</td>
 *     <td>resilience.BreakerTest, jtl.OutageProbeTest, http.HttpGuardDeadlineTest</td></tr>
 * <tr><td>PostgreSQL stopped, its connections killed; a row refused</td><td>OutOfReachIT</td>
 *     <td>persistence.CommitUnderFireTest, persistence.RefusedRowTest</td></tr>
 * <tr><td>disk full under the database</td><td>OutOfReachIT</td><td></td></tr>
 * <tr><td>1 GB body, gzip bomb, deep JSON, endless array</td><td>LargeAnswerIT</td>
 *     <td>jtl.HostileAnswerTest, http.HttpGuardTest</td></tr>
 * <tr><td>malformed answers</td><td>MalformedAnswerIT</td><td>jtl.ContactParserTest, jtl.HostileAnswerTest</td></tr>
 * <tr><td>redirects</td><td>RedirectIT</td><td>jtl.HostileAnswerTest, http.HttpGuardTest</td></tr>
 * <tr><td>5xx, resets, latency at random</td><td>FlakyJtlIT</td>
 *     <td>jtl.ContactLookupServiceTest, jtl.JtlHaltTest</td></tr>
 * <tr><td>token short-lived, revoked, hard to come by; one refresh for 64 threads</td><td>TokenIT</td>
 *     <td>oauth.TokenSourceTest, oauth.TokenSourceServerTest, oauth.TokenEndpointTest</td></tr>
 * <tr><td>401 for single contacts</td><td>TokenIT</td><td>oauth.TokenSourceTest, jtl.ContactLookupServiceTest</td></tr>
 * <tr><td>SIGKILL of workers on one queue</td><td>QueueKillIT</td>
 *     <td>product.QueueOutageIT, persistence.MessageChunkStoreTest</td></tr>
 * <tr><td>broker stopped, killed; its connections cut at a commit; database and JTL away under workers</td>
 *     <td>QueueBrokerIT</td><td>product.QueueOutageIT, brokers.BrokersIT</td></tr>
 * <tr><td>two workers on one quota</td><td>QueueQuotaIT</td>
 *     <td>product.SharedQuotaIT, messaging.AdaptiveBatchSizeTest</td></tr>
 * <tr><td>hostile messages</td><td></td><td>product.QueueIT, messaging.MessageValidatorTest</td></tr>
 * <tr><td>clock one hour forth and back</td><td>ClockIT</td><td></td></tr>
 * <tr><td>bugs seeded on purpose</td><td>SeededBugIT</td><td></td></tr>
 * </table>
 */
package de.contactsync.faults;
