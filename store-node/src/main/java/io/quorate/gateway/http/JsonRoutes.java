package io.quorate.gateway.http;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.quorate.proto.etcd.AuthGrpc;
import io.quorate.proto.etcd.ClusterGrpc;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.LeaseGrpc;
import io.quorate.proto.etcd.MaintenanceGrpc;
import io.quorate.proto.etcd.WatchGrpc;
import io.quorate.proto.etcd.election.ElectionGrpc;
import io.quorate.proto.etcd.lock.LockGrpc;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Which path calls which method (the http options in etcd api/etcdserverpb/rpc.proto). Immutable. */
final class JsonRoutes {
  private static final String ROOT = "/v3";
  private static final JsonRoutes ETCD = etcd();

  private final Map<String, MethodDescriptor<Message, Message>> byPath = new HashMap<>();

  private JsonRoutes() {}

  /** All methods of etcd's services that have a path. */
  static JsonRoutes ofEtcd() {
    return ETCD;
  }

  private static JsonRoutes etcd() {
    return new JsonRoutes().addData().addUpkeep().addLines().addUsers();
  }

  private JsonRoutes addData() {
    return add(
            KVGrpc.getServiceDescriptor(),
            Map.of(
                "/kv/range", "Range",
                "/kv/put", "Put",
                "/kv/deleterange", "DeleteRange",
                "/kv/txn", "Txn",
                "/kv/compaction", "Compact"))
        .add(WatchGrpc.getServiceDescriptor(), Map.of("/watch", "Watch"))
        .add(
            LeaseGrpc.getServiceDescriptor(),
            Map.of(
                "/lease/grant", "LeaseGrant",
                "/lease/revoke", "LeaseRevoke",
                "/kv/lease/revoke", "LeaseRevoke",
                "/lease/keepalive", "LeaseKeepAlive",
                "/lease/timetolive", "LeaseTimeToLive",
                "/kv/lease/timetolive", "LeaseTimeToLive",
                "/lease/leases", "LeaseLeases",
                "/kv/lease/leases", "LeaseLeases"));
  }

  private JsonRoutes addUpkeep() {
    return add(
            ClusterGrpc.getServiceDescriptor(),
            Map.of(
                "/cluster/member/add", "MemberAdd",
                "/cluster/member/remove", "MemberRemove",
                "/cluster/member/update", "MemberUpdate",
                "/cluster/member/list", "MemberList",
                "/cluster/member/promote", "MemberPromote"))
        .add(
            MaintenanceGrpc.getServiceDescriptor(),
            Map.of(
                "/maintenance/alarm", "Alarm",
                "/maintenance/status", "Status",
                "/maintenance/defragment", "Defragment",
                "/maintenance/hash", "Hash",
                "/maintenance/hashkv", "HashKV",
                "/maintenance/snapshot", "Snapshot",
                "/maintenance/transfer-leadership", "MoveLeader"));
  }

  private JsonRoutes addLines() {
    return add(
            LockGrpc.getServiceDescriptor(), Map.of("/lock/lock", "Lock", "/lock/unlock", "Unlock"))
        .add(
            ElectionGrpc.getServiceDescriptor(),
            Map.of(
                "/election/campaign", "Campaign",
                "/election/proclaim", "Proclaim",
                "/election/leader", "Leader",
                "/election/observe", "Observe",
                "/election/resign", "Resign"));
  }

  private JsonRoutes addUsers() {
    return add(
            AuthGrpc.getServiceDescriptor(),
            Map.of(
                "/auth/enable", "AuthEnable",
                "/auth/disable", "AuthDisable",
                "/auth/status", "AuthStatus",
                "/auth/authenticate", "Authenticate"))
        .add(
            AuthGrpc.getServiceDescriptor(),
            Map.of(
                "/auth/user/add", "UserAdd",
                "/auth/user/get", "UserGet",
                "/auth/user/list", "UserList",
                "/auth/user/delete", "UserDelete",
                "/auth/user/changepw", "UserChangePassword",
                "/auth/user/grant", "UserGrantRole",
                "/auth/user/revoke", "UserRevokeRole"))
        .add(
            AuthGrpc.getServiceDescriptor(),
            Map.of(
                "/auth/role/add", "RoleAdd",
                "/auth/role/get", "RoleGet",
                "/auth/role/list", "RoleList",
                "/auth/role/delete", "RoleDelete",
                "/auth/role/grant", "RoleGrantPermission",
                "/auth/role/revoke", "RoleRevokePermission"));
  }

  private JsonRoutes add(ServiceDescriptor service, Map<String, String> methods) {
    methods.forEach((path, name) -> byPath.put(ROOT + path, method(service, name)));
    return this;
  }

  @SuppressWarnings("unchecked") // Methods generated from .proto files carry messages only.
  private static MethodDescriptor<Message, Message> method(ServiceDescriptor service, String name) {
    return (MethodDescriptor<Message, Message>) service.getMethods().stream()
        .filter(method -> name.equals(method.getBareMethodName()))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(service.getName() + " has no " + name));
  }

  /** The method of a path, without its query. */
  Optional<MethodDescriptor<Message, Message>> find(String path) {
    return Optional.ofNullable(byPath.get(path));
  }
}
