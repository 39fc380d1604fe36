package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The plan hash names a plan's shape, wherever it is made. */
@EachPlatform
class PlanHashIT {
  private final Platform platform;

  PlanHashIT(Platform platform) {
    this.platform = platform;
  }

  private static final List<String> QUERIES =
      List.of(
          "SELECT count(*) FROM big b JOIN small s ON s.id = b.grp WHERE b.val < 100",
          "SELECT id FROM big WHERE id = 7",
          "SELECT grp, count(*) FROM big GROUP BY grp ORDER BY 2",
          "INSERT INTO audit SELECT id, 'x' FROM small WHERE id < 5");

  @Test
  void sessions_and_clusters_agree_on_the_hash_of_a_plan() throws SQLException {
    List<String> first;
    try (Site site = Site.started(platform)) {
      // Other OIDs than in the second cluster.
      try (Connection connection = site.server().connect()) {
        Sql.execute(connection, "CREATE TABLE before_all (id int)");
      }
      site.server().psql(Sources.resource("crosscheck/setup.sql"), Map.of());
      first = hashes(site, "first", 0);
      assertThat(hashes(site, "again", 0)).isEqualTo(first);
      // Another constant, the same plan.
      assertThat(hashes(site, "constant", 1)).isEqualTo(first);
      try (Connection connection = site.server().connect()) {
        Sql.execute(connection, "ALTER ROLE postgres SET enable_hashjoin = off");
      }
      List<String> other = hashes(site, "other", 0);
      assertThat(other.get(0)).isNotEqualTo(first.get(0));
      assertThat(other.subList(1, 4)).isEqualTo(first.subList(1, 4));
    }
    try (Site site = Site.started(platform)) {
      site.server().psql(Sources.resource("crosscheck/setup.sql"), Map.of());
      assertThat(hashes(site, "cluster", 0)).isEqualTo(first);
    }
    assertThat(first).doesNotHaveDuplicates().doesNotContain("0");
  }

  private static List<String> hashes(Site site, String identifier, int more) throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.trace(connection, identifier);
      for (String query : QUERIES) {
        Sql.execute(connection, query.replace("= 7", "= " + (7 + more)));
      }
    }
    return site.daemon().ended(identifier).of(Trace.Kind.PLAN).stream()
        .map(e -> e.text("plh"))
        .toList();
  }
}
